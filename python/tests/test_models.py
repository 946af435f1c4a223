"""The library, networks in SBML and audits of models, from Python as from the command line."""

import json
import subprocess

import il2
import pytest

COURSE = dict(doses="1 nM", times=["0 h", "1 h"])


def test_an_entry_of_the_library_has_numbers_with_sources(program):
    for entry in ("treg", "aldesleukin", "gamma-chain", "melanoma"):
        line = subprocess.run([program, "list", entry, "--json"], check=True, capture_output=True)
        assert il2.library(entry) == json.loads(line.stdout)
    numbers = il2.library("il2")["parameters"]
    assert all({"value", "how", "source", "note"} == set(one) for one in numbers.values()) and numbers
    with pytest.raises(il2.StudyError, match="did you mean treg"):
        il2.library("tregs")
    with pytest.raises(il2.StudyError, match=r'no entry "zzzzzz"; il2\.library\(\) shows all entries'):
        il2.library("zzzzzz")


@pytest.mark.parametrize("language", ["sbml", "mrgsolve", "rxode2", "julia"])
def test_networks_are_those_of_the_command_line(program, tmp_path, language):
    answer = il2.time_course("il2", "treg", **COURSE)
    texts = il2.export(answer, tmp_path / "python", language=language)
    study = answer.save_study(tmp_path / "study.toml")[0]
    subprocess.run([program, "export", study, f"--{language}", tmp_path / "line"], check=True, capture_output=True)
    files = sorted(path.name for path in (tmp_path / "line").iterdir())
    assert files == sorted(texts) == sorted(path.name for path in (tmp_path / "python").iterdir())
    for file in files:
        assert (tmp_path / "line" / file).read_text() == texts[file] == (tmp_path / "python" / file).read_text()
    with pytest.raises(il2.FileError, match="is there; move it away, or choose another folder"):
        il2.export(answer, tmp_path / "python", language=language)


def test_a_language_is_one_of_four():
    answer = il2.time_course("il2", "treg", **COURSE)
    with pytest.raises(il2.ArgumentError, match="language.*choose one of sbml, mrgsolve, rxode2, julia"):
        il2.export(answer, language="matlab")


def test_a_model_is_audited_and_run(program, tmp_path, studies):
    model = studies / "17-sbml.xml"
    line = subprocess.run([program, "audit", model, "--json"], check=True, capture_output=True)
    assert il2.audit(model) == il2.audit(model.read_text()) == json.loads(line.stdout)
    answer = il2.sbml(model, end=10, points=3)
    assert len(answer.tables["sbml"]) == 3
    again = il2.run(answer.save_study(tmp_path / "model.toml")[0])
    assert again.tables["sbml"].to_csv() == answer.tables["sbml"].to_csv()
    with pytest.raises(FileNotFoundError, match="nowhere.xml: cannot be read") as caught:
        il2.audit("nowhere.xml")
    assert isinstance(caught.value, il2.FileError)

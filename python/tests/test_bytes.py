"""Python and the command line leave the same files."""

import filecmp
import subprocess

import il2
import pytest

STUDIES = [
    "01-dose-response",
    "02-time-course",
    "03-washout",
    "06-event-table",
    "11-culture",
    "12-activation",
    "16-noncompartmental",
    "17-sbml",
]


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_gives_the_files_of_the_command_line(name, studies, program, tmp_path):
    study = studies / f"{name}.toml"
    line, python = tmp_path / "line", tmp_path / "python"
    subprocess.run([program, "run", study, "--out", line], check=True, capture_output=True)
    answer = il2.run(study, out=python, threads=1)
    files = sorted(path.name for path in line.iterdir())
    assert len(files) > 5 and files == sorted(path.name for path in python.iterdir())
    assert filecmp.cmpfiles(line, python, files, shallow=False) == (files, [], [])
    for table in answer.tables.values():
        assert table.to_csv().encode() == (line / f"{table.name}.csv").read_bytes()
    for figure in answer.figures.values():
        assert figure.svg.encode() == (line / f"{figure.name}.svg").read_bytes()


def test_what_a_call_asked_runs_on_the_command_line(program, tmp_path):
    answer = il2.dose_response(
        ["il2"], {"regulatory": "treg"}, doses=il2.grid((1, "pM"), "1 nM", 4), times="1 h"
    )
    study = tmp_path / "study.toml"
    study.write_text(answer.study)
    out = tmp_path / "out"
    subprocess.run([program, "run", study, "--out", out], check=True, capture_output=True)
    saved = answer.save(tmp_path / "saved")
    assert filecmp.cmpfiles(out, tmp_path / "saved", saved, shallow=False) == (saved, [], [])


def test_a_request_runs_with_the_tables_it_carries(studies, program, tmp_path):
    study = studies / "06-event-table.toml"
    request = tmp_path / "request.json"
    subprocess.run([program, "request", study, request], check=True, capture_output=True)
    of_file, of_text = il2.run(request), il2.run(request.read_text() + "\n")
    for name, table in il2.run(study).tables.items():
        assert table.to_csv() == of_file.tables[name].to_csv() == of_text.tables[name].to_csv()

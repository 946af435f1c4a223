"""Keys of calls: every key of an assay is in signature, docstring and stub."""

import inspect
import pathlib
import re
import runpy

import il2
import pytest

ROOT = pathlib.Path(__file__).parents[2]
CALLS = [
    "dose_response",
    "time_course",
    "culture",
    "regimen",
    "event_table",
    "noncompartmental",
    "fit",
    "population_fit",
    "design",
    "trial",
    "sbml",
]
LOW_DOSE = {"ligand": "aldesleukin", "dose": "1 MIU/m2", "route": "subcutaneous"}


@pytest.mark.parametrize("name", CALLS)
def test_every_key_of_the_schema_is_an_argument_that_help_explains(name):
    call = getattr(il2, name)
    schema = il2.keywords.schema()
    wanted = {key for kind in il2.keywords.kinds(name) for key in il2.keywords.of_kind(kind)} - {"kind"}
    of_study = set(schema["properties"]) - {"version", "assay", "seed", "ligands", "cells"}
    wanted |= of_study - ({"culture"} if name == "culture" else set())
    wanted |= {"threads", "seed", "out", "progress", "tables"}
    arguments = inspect.signature(call).parameters
    assert wanted - set(arguments) == set()
    assert not any(one.kind is one.VAR_KEYWORD for one in arguments.values())
    # A description begins with the names that it explains.
    heads = [line.split(" : ")[0] for line in call.__doc__.splitlines() if line[:5].strip()]
    told = {word for line in heads for word in line.strip().removesuffix(", optional").split(", ")}
    assert set(arguments) - told == set()
    plain = re.sub(r'"[^"]*"', "", call.__doc__.split("Examples")[0])
    assert " = " not in plain and "`il2 " not in plain


def test_the_stub_is_the_one_of_the_signatures():
    stub = pathlib.Path(il2.__file__).parent / "questions.pyi"
    written = runpy.run_path(str(ROOT / "python" / "stubs"))["stub"]() + "\n"
    assert stub.read_text() == written, "run python/stubs"


def test_what_another_call_has_is_said():
    with pytest.raises(il2.ArgumentError, match=r"a time course has none; il2\.dose_response\(\.\.\., times"):
        il2.time_course("il2", "nk", doses="1 nM", times=["1 h", "2 h"], intervals=20)
    spaced = il2.dose_response(
        "il2", "nk", doses=["1 pM", "30 pM", "1 nM"], times=il2.grid("0 min", "4 h", 3), intervals=10
    )
    assert sorted(set(spaced.tables["dose_response"]["time_min"])) == [0, 120, 240]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda curve: curve(["1 pM"], patients=5),
            r"has no argument patients; allowed are ligands, cells, doses, times",
        ),
        (
            lambda: il2.dose_response("il2-mutein", "nk", doses=["1 pM"], times="1 h"),
            r'il2\.library\(\)\["ligands"\] shows all',
        ),
        (
            lambda: il2.fit({"plate": {"table": {}}}, parameters={"a": {}}),
            r"parameters is given twice, by place and by name; measured is missing; by place come parameters, measured",
        ),
    ],
)
def test_no_name_is_suggested_that_nobody_meant(call, said, called):
    with pytest.raises(il2.StudyError, match=said) as caught:
        called(call)
    assert "did you mean" not in str(caught.value)


def test_a_column_is_suggested_only_if_it_is_alike():
    table = il2.regimen({"low": LOW_DOSE}, times=["0 d", "1 d"]).tables["regimen"]
    with pytest.raises(il2.ArgumentError) as caught:
        table["regimen"]
    assert "did you mean" not in str(caught.value)


def test_a_parameter_of_a_fit_is_suggested_by_its_own_name(plate):
    answer = plate()
    inputs = il2.check(answer).inputs
    assert "nk.receptors.il2r_beta" in [one["name"] for one in inputs]
    wells = answer.given.study["assay"]["fit"]["measured"]
    with pytest.raises(il2.StudyError, match=r"did you mean mutein\.affinity\.il2r_beta\?"):
        il2.fit(
            {"mutein.kd": {"prior": ["1 nM", "1 uM"]}},
            wells,
            tables=answer.given.tables,
            ligands={"mutein": "il2-cd25-blind"},
            cells="nk",
        )


def test_a_grid_runs_between_two_quantities_of_one_kind():
    with pytest.raises(il2.ArgumentError, match=r"grid: \"1 pM\" is a concentration and \"1 h\" is a time"):
        il2.grid("1 pM", "1 h", 5)
    with pytest.raises(il2.ArgumentError, match="points: 1 is not allowed; use 2 to"):
        il2.grid("1 pM", "1 nM", 1)
    assert il2.grid((1, "pM"), "1 nM", 4)["points"] == 4


def test_a_plan_is_printed():
    answer = il2.dose_response("il2", "nk", doses=["1 pM", "30 pM", "1 nM"], times="1 h")
    text = str(il2.check(answer))
    assert text.startswith(f"{answer.question}\ndose_response: 4 simulations; tables dose_response, ")

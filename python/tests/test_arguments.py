"""Arguments that are wrong, misspelt or missing are refused with what is allowed, in words of Python."""

import il2
import pytest

LOW_DOSE = {"ligand": "aldesleukin", "dose": "1 MIU/m2", "route": "subcutaneous"}
DOSES_OF_A_CURVE = ["1 pM", "10 pM", "100 pM"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: il2.regimen(LOW_DOSE, times=["1 d"]),
            r"regimens: these are the keys of one regimen, without its name \(ligand, dose, route\); write a dict",
        ),
        (
            lambda: il2.regimen({"low": None}, times=["1 d"]),
            "regimens: these are the keys of one regimen",
        ),
        (
            lambda: il2.regimen("low", times=["1 d"]),
            'regimens: "low" is not allowed; write a dict that gives each',
        ),
        (lambda: il2.regimen({}, times=["1 d"]), "regimens: is empty"),
        (
            lambda: il2.culture({"cells": "2000 cells"}, volume="1 mL", times=["1 h"]),
            "kinds: these are the keys of one kind of cells",
        ),
        (
            lambda: il2.trial("melanoma", {"one": {}, "two": None}, patients=4, follow_up="1 y"),
            'arms: "two" is followed by None, not by the keys of an? arm',
        ),
        (lambda: il2.fit([1], {"a": {}}), r"parameters: a list is not allowed"),
        (
            lambda: il2.fit({"k": {"prior": ["1 /d", "2 /d"]}}, {"table": "a.csv"}),
            "measured: these are the keys of one table",
        ),
        (
            lambda: il2.design({"from": "il2"}, {}, parameters={}, cells="nk"),
            "ligand: a dict is not the name of a molecule",
        ),
        (
            lambda: il2.time_course("il2", "nk", times=["1 h"], mixture="1 nM"),
            'mixture: "1 nM" is not allowed',
        ),
        (
            lambda: il2.dose_response({"from": "il2", "affinity": {}}, "nk", doses=[], times=[]),
            r'ligands: these are the keys of one ligand, without its name; put a name .*\{"mine": \{"from": \.\.\., "affinity": \.\.\.\}\}',
        ),
        (
            lambda: il2.dose_response("il2", [{"from": "nk"}], doses=[], times=[]),
            r'cells: a list holds ids; .*\{"mine": \{"from": "treg"\}\}',
        ),
        (
            lambda: il2.dose_response("il2", None, doses=[], times=[]),
            'cells: None is not allowed; write "treg", a list of ids, or a dict',
        ),
        (lambda: il2.dose_response([], "nk", doses=[], times=[]), "ligands: is empty"),
        (lambda: il2.dose_response(["il2", 5], "nk", doses=[], times=[]), "ligands: an int is not an id"),
        (
            lambda: il2.dose_response({"a": 5}, "nk", doses=[], times=[]),
            r"ligands\.a: an int is neither an id nor the keys of a ligand",
        ),
        (lambda curve: curve(DOSES_OF_A_CURVE, seed=-1), "seed: -1 is not allowed; use 0 to"),
        (
            lambda curve: curve(DOSES_OF_A_CURVE, threads="2"),
            'threads: "2" is not a whole number; use 1 to 1024',
        ),
        (lambda curve: curve(DOSES_OF_A_CURVE, threads=2.5), "threads: 2.5 is not a whole number"),
        (
            lambda curve: curve(DOSES_OF_A_CURVE, progress="yes"),
            'progress: "yes" is not allowed; give True, False, or a function',
        ),
        (lambda curve: curve(DOSES_OF_A_CURVE, out=3), "out: an int is not a path"),
        (lambda curve: curve(DOSES_OF_A_CURVE, tables=[1]), "tables: a list is not a dict"),
        (lambda: il2.run(5), "a study is text, a path or a dict, not an int"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_is_allowed(call, said, called):
    with pytest.raises(il2.ArgumentError, match=said) as caught:
        called(call)
    # Also what Python itself raises for it.
    assert isinstance(caught.value, il2.StudyError) and isinstance(caught.value, TypeError)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: il2.time_course("il2", "nk", doses="1 nM", times=["1 h"], puls="1 h"),
            "il2.time_course has no argument puls; did you mean pulse?",
        ),
        (
            lambda: il2.time_course("il2", "nk", dose="1 nM", times=["1 h"], pulse="1 h"),
            "has no argument dose; did you mean doses?",
        ),
        (lambda curve: curve(DOSES_OF_A_CURVE, thread=2), "has no argument thread; did you mean threads?"),
        (
            lambda: il2.dose_response("il2", "nk", dose=["1 nM"], times="1 h"),
            "has no argument dose; did you mean doses?",
        ),
        (lambda: il2.dose_response("il2", "nk"), "il2.dose_response lacks the arguments doses, times"),
        (
            lambda: il2.dose_response("il2", "nk", ["1 pM"], "1 h"),
            r"takes 2 arguments by place \(ligands, cells\), not 4; give the others by name: doses",
        ),
        (
            lambda: il2.time_course("il2", "nk", doses="1 nM", times=["1 h"], zzz=1),
            "allowed are ligands, cells, times, doses, mixture, pulse, show, model, stat5, .*culture.*threads",
        ),
    ],
)
def test_a_misspelt_or_missing_argument_is_named(call, said, called):
    with pytest.raises(il2.ArgumentError, match=said) as caught:
        called(call)
    assert "help(il2." in caught.value.remedy


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda curve: curve(DOSES_OF_A_CURVE, readout="pstat5"),
            "requires a model with STAT5; give stat5=True",
        ),
        (
            lambda plate: plate(readout="pstat5"),
            r'give models=\{"NAME": \{"from": "gamma-chain", "stat5": True\}\} and model="NAME"',
        ),
        (
            lambda: il2.dose_response(
                {"m": {"affinity": {"il2r_beta": "1 nM"}}}, "nk", doses=DOSES_OF_A_CURVE, times="1 h"
            ),
            r'add "from": "\.\.\." \(il2\.library\(\)',
        ),
        (lambda curve: curve(5), "doses, item 1|doses: the"),
        (lambda curve: curve("file"), "doses"),
        (lambda: il2.culture({"treg": {"cell": "treg"}}, volume="1 mL", times="1 h"), "cells"),
    ],
)
def test_a_remedy_is_python(call, said, called):
    with pytest.raises(il2.StudyError, match=said) as caught:
        called(call)
    assert " = " not in (caught.value.remedy or "") and "--" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "message", "remedy", "call", "wanted"),
    [
        (
            "assay.a.times",
            'is missing; write { from = "0 h", to = "1 h", points = 3 }',
            True,
            None,
            '{"from": "0 h", "to": "1 h", "points": 3}',
        ),
        (
            "assay.a.pulse",
            'is missing; add it, for example pulse = "30 min"',
            True,
            "time_course",
            'example pulse="30 min"',
        ),
        (
            "assay.a.pulse",
            'is missing; add it, for example pulse = "30 min"',
            True,
            None,
            'example "pulse": "30 min"',
        ),
        (
            "assay.a.medium, item 1",
            'needs until as well, for example until = "5 d"',
            False,
            "time_course",
            '"until": "5 d"',
        ),
        (
            "assay.a.ligands",
            'there is no ligand; add [ligands.native] with from = "il2"',
            True,
            "fit",
            'give ligands=["il2"]',
        ),
        (
            "assay.a.cells",
            'unknown cell "nk" in [cells]; add [cells.nk] with from = "nk"',
            True,
            "fit",
            'unknown cell "nk" in cells; add "nk": {"from": "nk"} to cells',
        ),
        (
            "assay.a.measured.b",
            "set background = true, or leave it out",
            None,
            "fit",
            'set "background": True',
        ),
        (
            "assay",
            "is empty; add a part such as [assay.main]",
            True,
            None,
            'add a part such as "main" to assay',
        ),
        ("assay.a", 'has text; write "x = true"', True, None, 'write "x = true"'),
        ("", "is full; use another folder: --out out/b-2", True, None, 'out="out/b-2"'),
        ("", "is missing; run it with --shard 3/7", True, None, "il2.shard(study, 3, 7, folder)"),
        ("cells.a.from", "unknown cell; see `il2 list cells`", True, None, 'see il2.library()["cells"]'),
        ("", "differs; choose a set (`il2 list patient`)", True, None, '(il2.library()["pharmacokinetics"])'),
        ("", "differs; see `il2 list cynomolgus`", True, None, 'see il2.library("cynomolgus")'),
    ],
)
def test_remedies_of_files_become_python(path, message, remedy, call, wanted):
    remedy = {True: message.rpartition("; ")[2], None: message, False: None}[remedy]
    new, end = il2.wording.said(message, remedy, path, True, call)
    assert new.endswith(wanted) or wanted in new, new
    assert end is None or new.endswith(end)


def test_a_remedy_of_a_file_is_that_of_the_file(well, tmp_path):
    text = (
        il2.run(well)
        .study.replace("times = ", 'readout = "pstat5"\ntimes = ')
        .replace("time-course", "dose-response")
    )
    with pytest.raises(il2.StudyError, match=r"stat5 = true; define it under \[models\.NAME\]"):
        il2.run(text)


def test_a_folder_that_is_taken_names_the_argument(well, tmp_path):
    (tmp_path / "well.csv").write_text("mine")
    with pytest.raises(il2.StudyError, match='use another folder: out="') as caught:
        il2.run(well, out=tmp_path)
    assert "--out" not in str(caught.value)


def test_questions_are_sentences():
    doses = dict(doses=DOSES_OF_A_CURVE, times="1 h")
    assert il2.dose_response("il2", "treg", **doses).question == "What does il2 do to treg?"
    assert il2.dose_response(["il2", "il15"], "nk", **doses).question == "What do il2 and il15 do to nk?"
    assert (
        il2.regimen({"low": LOW_DOSE}, times=["1 d", "2 d"]).question == "What does low do to patients?"
    )

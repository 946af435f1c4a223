"""Answers: tables that are shown and read, what is not in them, pickling, progress, the names of the package."""

import copy
import pickle

import il2
import numpy as np
import pytest

DOSES_OF_A_CURVE = ["1 pM", "10 pM", "100 pM"]


def test_columns_are_found_and_rows_are_shown(curve):
    table = curve(DOSES_OF_A_CURVE)
    assert list(dict(table)) == table.columns
    assert "dose_pm" in table and "dose" not in table and ["dose_pm"] not in table
    lines = str(table).splitlines()
    assert lines[0] == "dose_response" and lines[1].split() == table.columns and len(lines) == 6
    for wrong, said in (
        ("dose", r'has no column "dose"; did you mean dose_pm\?'),
        (
            ["dose_pm"],
            r'not a list; write table\["ligand"\], table\.to_numpy\(\["ligand"\]\) for several',
        ),
        (0, "not an int"),
        (slice(2), "not a slice"),
    ):
        with pytest.raises(il2.ArgumentError, match=said) as caught:
            table[wrong]
        assert isinstance(caught.value, KeyError)
    with pytest.raises(il2.ArgumentError, match=r"for row in table\.to_pandas\(\)\.itertuples\(\)"):
        list(table)
    with pytest.raises(il2.ArgumentError, match=r"table\.to_numpy\(\)"):
        np.asarray(table)
    with pytest.raises(il2.ArgumentError, match="has no column"):
        table.to_numpy(["dose"])
    with pytest.raises(
        il2.ArgumentError, match=r'columns: an int is not allowed; give a list .*\["ligand"\]'
    ):
        table.to_numpy(0)
    with pytest.raises(il2.FileError, match="cannot be written"):
        table.to_csv("/nowhere/a.csv")


def test_a_long_table_shows_its_first_rows():
    text = str(
        il2.time_course("il2", "treg", doses="1 nM", times=il2.grid("0 h", "1 h", 30)).tables[
            "time_course"
        ]
    )
    assert len(text.splitlines()) == 11 and max(map(len, text.splitlines())) <= 100
    assert text.splitlines()[-1].startswith("... 30 rows in all; ")


def test_names_of_tables_are_found_with_brackets():
    answer = il2.dose_response("il2", "treg", doses=DOSES_OF_A_CURVE, times="1 h")
    with pytest.raises(
        il2.ArgumentError, match="there is no table .*; there is dose_response, dose_response_ec50"
    ):
        answer.tables["dose"]
    with pytest.raises(AttributeError, match=r'with brackets; there is \["dose_response"\]'):
        answer.tables.dose_response
    assert answer.tables.get("dose") is None and 0 not in answer.tables


def test_an_answer_says_that_it_cannot_be_pickled():
    answer = il2.dose_response("il2", "treg", doses=DOSES_OF_A_CURVE, times="1 h")
    table, figure = answer.tables["dose_response"], answer.figures["dose_response"]
    for thing, said in ((answer, "to_pandas"), (table, "to_pandas"), (figure, "svg")):
        with pytest.raises(il2.ArgumentError, match=f"cannot be pickled.*{said}"):
            pickle.dumps(thing)
    assert copy.copy(answer) is answer and copy.deepcopy(answer) is answer
    assert len(pickle.loads(pickle.dumps(table.to_pandas()))) == len(table)
    with pytest.raises(il2.StudyError) as caught:
        table["dose"]
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) and again.remedy == caught.value.remedy


def test_a_table_becomes_xarray_with_its_units():
    xarray = pytest.importorskip("xarray")
    answer = il2.dose_response(
        ["il2", "il15"], ["treg", "nk"], doses=il2.grid("1 pM", "1 uM", 13), times="1 h"
    )
    table = answer.tables["dose_response"]
    cube = table.to_xarray(["ligand", "cell", "dose_pm"])
    assert isinstance(cube, xarray.Dataset) and dict(cube.sizes) == {
        "ligand": 2,
        "cell": 2,
        "dose_pm": 14,
    }
    assert cube["dose_pm"].attrs["units"] == "pM" and cube["time_min"].attrs["units"] == "min"
    assert dict(table.to_xarray().sizes) == {"row": len(table)}
    with pytest.raises(
        il2.ArgumentError, match="by: 42 rows of dose_response repeat others in dose_pm; add the columns"
    ):
        table.to_xarray("dose_pm")


def test_progress_is_told_once_when_all_is_done(well):
    told = []
    tell = il2.progress.of(lambda *one: told.append(one))
    for done in (0, 2, 2, 4, 4, 4):
        tell("well", done, 4)
    tell("other", 4, 4)
    assert told == [("well", 0, 4), ("well", 2, 4), ("well", 2, 4), ("well", 4, 4), ("other", 4, 4)]


def test_the_package_shows_its_public_names_alone():
    shown = [name for name in dir(il2) if not name.startswith("_")]
    assert sorted(shown) == sorted([*il2.__all__, "dask"])
    with pytest.raises(AttributeError, match=r"did you mean il2\.dose_response\?"):
        il2.dose_responce

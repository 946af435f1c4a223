"""What a call is given: frames, quantities, models; and a study as files with its tables."""

import datetime
import subprocess

import il2
import numpy as np
import pandas
import pint
import polars
import pyarrow
import pytest

LEVELS = dict(
    model="one-compartment",
    units={"time": "h", "amount": "MIU", "concentration": "IU/mL"},
    parameters={"clearance": "7 L/h", "volume": "5 L"},
)
#: Two subjects, of whom the second gets half of the dose.
DOSES = {"ID": [1, 1, 2, 2], "TIME": [0.0, 2, 0, 2], "AMT": [18.0, None, 9, None], "EVID": [1, 0, 1, 0]}
DOSES_OF_A_CURVE = ["1 pM", "10 pM", "100 pM"]


def levels(table, **keys):
    return il2.event_table(table, **LEVELS, **keys).tables["event_table"].to_csv()


# Frames.


def test_a_named_index_is_a_column_and_row_numbers_are_none():
    frame = pandas.DataFrame(DOSES)
    wanted = levels(DOSES)
    assert wanted.count("\n") == 5
    for same in (
        frame,
        frame.set_index("ID"),
        frame.set_index(["ID", "TIME"]),
        # A frame that was filtered keeps its row numbers.
        pandas.concat([frame, frame.assign(ID=3)], ignore_index=True).query("ID < 3"),
        frame.set_axis([5, 3, 9, 7]),
    ):
        assert levels(same) == wanted


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns="ID").set_axis([1, 1, 2, 2]), r"\(1, 1, 2, \.\.\.\) has no name"),
        (lambda f: f.set_axis(list("abcd")), r"\(a, b, c, \.\.\.\) has no name"),
        (lambda f: f.set_axis([0.5, 1, 2, 3]), "has no name"),
        (lambda f: f.set_index(["ID", "TIME"]).rename_axis([None, None]), "has no name"),
        (lambda f: f.set_index(["ID", "TIME"]).rename_axis(["ID", None]), "of which 1 are named"),
        (lambda f: f.set_index("ID", drop=False), '"ID" is both a column of the frame and its index'),
        (lambda f: pandas.concat({"a": f}, axis=1), "the columns of the frame have 2 levels"),
    ],
)
def test_an_index_that_may_mean_something_is_refused(change, said):
    with pytest.raises(il2.ArgumentError, match=said) as caught:
        levels(change(pandas.DataFrame(DOSES)))
    assert caught.value.path == "assay.event_table.table" and "frame." in caught.value.remedy


def test_every_kind_of_table_is_read():
    wanted = levels(DOSES)
    frame = polars.DataFrame(DOSES)
    for same in (
        frame,
        frame.lazy(),
        pyarrow.table(DOSES),
        pyarrow.RecordBatch.from_pydict(DOSES),
        {
            name: np.array(values, dtype=float if None in values else None)
            for name, values in DOSES.items()
        },
        {
            name: pandas.Series(values, dtype="Int64" if name == "AMT" else None)
            for name, values in DOSES.items()
        },
        {name: pyarrow.array(values) for name, values in DOSES.items()},
    ):
        assert levels(same) == wanted
    # A table of an answer is one too.
    answer = il2.event_table(DOSES, **LEVELS)
    assert il2.frames.to_csv(answer.tables["event_table"], "") == answer.tables["event_table"].to_csv()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([{"ID": 1}], "a list is not a table; give a path, a frame of pandas or polars, a pyarrow.Table"),
        (5, "an int is not a table"),
        (pandas.Series([1]), "a Series is one column, not a table; give a frame"),
        (
            DOSES | {"AMT": [18]},
            "its columns differ in length: ID has 4, TIME has 4, AMT has 1, EVID has 4",
        ),
        (DOSES | {"ID": 1}, "column ID: an int is not a column; give a list with one value for each row"),
        (DOSES | {"ID": "1122"}, 'column ID: "1122" is not a column'),
        ({}, "the dict of columns is empty"),
    ],
)
def test_what_is_not_a_table_is_refused(table, said):
    with pytest.raises(il2.ArgumentError, match=said) as caught:
        levels(table)
    assert caught.value.path.startswith("assay.event_table.table")


def test_text_with_commas_and_quotes_stays_one_value(plate):
    columns = {
        "cell": ['NK, "bright"'] * 4,
        "min": [60] * 4,
        "nM": [1, 10, 100, 1000],
        "RFU": [1, 7, 12, 16],
    }
    assert plate(table=columns, cells={'NK, "bright"': "nk"}).tables["fit_parameters"]["best"][0] > 0


def test_an_error_in_a_frame_names_its_row_and_not_a_file(plate):
    frame = pandas.DataFrame(DOSES).astype({"AMT": object})
    frame.loc[2, "AMT"] = "x"
    with pytest.raises(il2.StudyError) as caught:
        levels(frame)
    error = caught.value
    assert str(error).startswith(
        'assay.event_table.table, row 2 of the frame (from 0): column AMT: "x" is not'
    )
    assert frame.iloc[error.row]["AMT"] == "x" and error.file is None and error.line is None
    assert error.path == "assay.event_table.table, column AMT"
    with pytest.raises(
        il2.StudyError, match=r"^assay\.fit\.measured\.pstat5\.table: column nM: .*each meaning"
    ) as caught:
        plate(table={"cell": ["nk"], "min": [60], "dose": [1], "RFU": [134]})
    assert ".csv" not in str(caught.value) and caught.value.row is None


def test_a_frame_where_no_table_belongs_is_refused(curve):
    with pytest.raises(
        il2.ArgumentError, match=r'give one column with its unit, for example \(frame\["dose"\], "pM"\)'
    ):
        curve(pandas.DataFrame({"dose": [1, 10, 100]}))


def test_parts_of_a_study_may_be_called_table():
    answer = il2.dose_response({"table": {"from": "il2"}}, "treg", doses=DOSES_OF_A_CURVE, times="1 h")
    assert set(answer.tables["dose_response"]["ligand"]) == {"table"}


def test_columns_say_their_direction_where_they_are_refused(plate):
    with pytest.raises(
        il2.StudyError, match=r'each meaning its name in the table, for example \{"value": "RFU"\}'
    ):
        plate(columns={"RFU": "value", "min": "time", "nM": "dose"})
    doses = {"T" if name == "TIME" else name: values for name, values in DOSES.items()}
    with pytest.raises(
        il2.StudyError, match=r'each name in the table its meaning, for example \{"T": "TIME"\}'
    ):
        levels(doses, columns={"TIME": "T"})
    assert levels(doses, columns={"T": "TIME"}) == levels(DOSES)


# A study and its tables as files.


def test_a_saved_study_gives_the_same_bytes_on_the_command_line(program, tmp_path, plate):
    (tmp_path / "here").mkdir()
    answers = {
        "levels": il2.event_table(pandas.DataFrame(DOSES).set_index("ID"), **LEVELS),
        "plate": plate(),
        "fixed": il2.regimen(
            {
                "low": {
                    "ligand": "il2",
                    "table": {"TIME": [0, 1], "AMT": [1, 1], "ROUTE": ["sc"] * 2},
                    "units": {"time": "d", "amount": "MIU"},
                }
            },
            times=["0 d", "3 d"],
            ligands={"il2": "aldesleukin"},
            patients=3,
            seed=7,
        ),
    }
    for name, answer in answers.items():
        study = tmp_path / name / "study.toml"
        study.parent.mkdir()
        files = answer.save_study(study)
        assert files[0] == str(study) and len(files) == 2
        subprocess.run(
            [program, "run", study, "--out", tmp_path / name / "line"], check=True, capture_output=True
        )
        for file in answer.save(tmp_path / name / "python"):
            line = tmp_path / name / "line" / file
            assert line.read_bytes() == (tmp_path / name / "python" / file).read_bytes(), file


def test_a_saved_study_takes_its_files_along_and_replaces_no_other(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pandas.DataFrame(DOSES).to_csv("doses.csv", index=False)
    answer = il2.event_table("doses.csv", **LEVELS)
    (tmp_path / "there").mkdir()
    assert answer.save_study("there/study.toml") == ["there/study.toml", "there/doses.csv"]
    assert il2.run("there/study.toml").tables["event_table"].to_csv() == levels(DOSES)
    # Again, and with a table of another content.
    answer.save_study("there/study.toml")
    (tmp_path / "there" / "doses.csv").write_text("ID\n1\n")
    with pytest.raises(
        il2.FileError, match="doses.csv: is there with other content; choose another folder"
    ):
        answer.save_study("there/study.toml")
    answer.save_study("there/study.toml", replace=True)
    assert (tmp_path / "there" / "doses.csv").read_text() == (tmp_path / "doses.csv").read_text()
    with pytest.raises(il2.FileError, match="cannot be written .*; give another path"):
        answer.save_study("nowhere/study.toml")
    with pytest.raises(il2.ArgumentError, match="file: an int is not a path"):
        answer.save_study(3)


# Quantities.


def test_doses_are_given_in_many_ways(curve):
    units = pint.UnitRegistry()
    wanted = curve(DOSES_OF_A_CURVE).to_csv()
    numbers = [1, 10, 100]
    for doses in (
        tuple(DOSES_OF_A_CURVE),
        (numbers, "pM"),
        (np.array(numbers), "pM"),
        (pandas.Series(numbers), "pM"),
        (polars.Series(numbers), "pM"),
        (pyarrow.array(numbers), "pM"),
        [(number, "pM") for number in numbers],
        numbers * units.picomolar,
        [number * units.picomolar for number in numbers],
        pandas.Series(DOSES_OF_A_CURVE),
        polars.Series(DOSES_OF_A_CURVE),
        np.array(DOSES_OF_A_CURVE),
        (dose for dose in DOSES_OF_A_CURVE),
    ):
        assert curve(doses).to_csv() == wanted
    assert curve((numbers, "pM"))["dose_pm"].tolist() == [0, 1, 10, 100]


def test_one_quantity_is_a_list_of_one():
    units = pint.UnitRegistry()
    for dose, hour in (
        ("100 pM", "1 h"),
        ((100, "pM"), (1, "h")),
        ((np.float64(100), "pM"), (np.int64(1), "h")),
        (100 * units.picomolar, 60 * units.minute),
    ):
        table = il2.time_course("il2", "treg", doses=dose, times=[hour, "2 h"]).tables["time_course"]
        assert set(table["dose_pm"]) == {100.0}
        assert (
            il2.dose_response("il2", "treg", doses=DOSES_OF_A_CURVE, times=hour).tables["dose_response"][
                "time_min"
            ][0]
            == 60
        )


def test_quantities_of_astropy_are_read(curve):
    astropy = pytest.importorskip("astropy.units")
    doses = [0.001, 0.01, 0.1] * astropy.nmol / astropy.L
    np.testing.assert_allclose(curve(doses)["dose_pm"], [0, 1, 10, 100], rtol=1e-12)
    assert curve(DOSES_OF_A_CURVE, intervals=None)["time_min"][0] == (1 * astropy.h).to_value("min")


@pytest.mark.parametrize("doses", [[1, 10, 100], np.array([1, 10, 100]), pandas.Series([1, 10, 100])])
def test_numbers_without_a_unit_are_refused(doses, curve):
    with pytest.raises(
        il2.ArgumentError, match=r'doses: the 3 numbers have no unit; write for example \(doses, "pM"\)'
    ):
        curve(doses)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            datetime.timedelta(hours=1),
            r'times, item 1: a timedelta is not .*; write it with a unit: "60 min"',
        ),
        ([np.datetime64("2020-01-01")], "times, item 1: a date is not what a study can hold; use text"),
        (b"1 h", "times: bytes? .*is not what a study can hold|times: a bytes is not"),
        ([object()], "times, item 1: an object is not what a study can hold"),
        ([2**70], "times"),
    ],
)
def test_what_a_study_cannot_hold_is_named_with_its_place(value, said):
    with pytest.raises(il2.StudyError, match=said):
        il2.dose_response("il2", "treg", doses=DOSES_OF_A_CURVE, times=value)


# STAT5.


def test_stat5_reads_pstat5_in_every_call_that_has_it():
    wells = dict(doses=["1 nM"], times=["0 h", "1 h"], stat5=True)
    course = il2.time_course("il2", "treg", **wells)
    assert "pSTAT5" in course.sentences[0] and 'show = ["pstat5"]' in course.study
    assert "pSTAT5" in il2.time_course("il2", "treg", pulse="10 min", **wells).text
    both = il2.time_course("il2", "treg", show=["signalling_complexes"], **wells)
    assert "pSTAT5" not in both.sentences[0]
    curve = il2.dose_response("il2", "treg", doses=DOSES_OF_A_CURVE, times="1 h", stat5=True)
    assert 'readout = "pstat5"' in curve.study and "EC50 of pSTAT5" in curve.text
    goal = {"potency": {"goal": "minimise", "of": "ec50", "cells": ["treg"]}}
    of = dict(
        parameters={"il2.affinity.il2r_beta": "usual"},
        cells=["treg"],
        time="1 h",
        candidates=40,
        designs=2,
    )
    designs = il2.design("il2", goal, doses=il2.grid("1 pM", "1 uM", 7), stat5=True, **of)
    assert 'readout = "pstat5"' in designs.study


def test_stat5_is_added_to_a_model_of_ones_own():
    of = dict(doses=DOSES_OF_A_CURVE, times="1 h")
    mine = {"from": "gamma-chain", "parameters": {"k_recycle_ligand": "0.1 /min"}}
    one = il2.dose_response("il2", "treg", model=mine, stat5=True, **of)
    other = il2.dose_response("il2", "treg", model="mine", models={"mine": mine}, stat5=True, **of)
    assert one.tables["dose_response"].to_csv() == other.tables["dose_response"].to_csv()
    assert "model my-gamma-chain" in one.figures["dose_response"].svg
    with pytest.raises(il2.ArgumentError, match="stat5: an int is not allowed; use True or False"):
        il2.dose_response("il2", "treg", stat5=1, **of)

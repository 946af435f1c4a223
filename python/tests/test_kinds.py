"""Whole numbers, IDs, missing text and units of tables."""

import il2
import numpy as np
import pandas
import pint
import polars
import pyarrow
import pytest

DOSES = {"ID": [1, 1, 2, 2], "TIME": [0.0, 2.0, 0.0, 2.0], "AMT": [18, 0, 9, 0], "EVID": [1, 0, 1, 0]}
LEVELS = dict(
    model="one-compartment",
    units={"time": "h", "amount": "MIU", "concentration": "IU/mL"},
    parameters={"clearance": "7 L/h", "volume": "5 L"},
)


def test_whole_numbers_are_whole_and_a_merge_works():
    frame = pandas.DataFrame(DOSES)
    table = il2.event_table(frame, **LEVELS).tables["event_table"]
    levels = table.to_pandas()
    assert {str(levels[name].dtype) for name in ("id", "line", "evid")} == {"int64"}
    both = frame.merge(levels, left_on=["ID", "TIME"], right_on=["id", "time_h"])
    assert len(both) == 4 and both["concentration_iu_per_ml"].notna().all()
    # The line of the table as CSV, of which the first has the names.
    assert (frame.iloc[levels["line"] - 2]["TIME"].to_numpy() == levels["time_h"]).all()
    assert table["id"].dtype == np.int64 and table["id"].tolist() == [1, 1, 2, 2]
    assert pyarrow.table(table).schema.field("id").type == pyarrow.int64()
    assert polars.DataFrame(table)["line"].dtype == polars.Int64
    assert table.head(2)["id"].tolist() == [1, 1] and "  1 " in str(table)


def test_other_ids_stay_text():
    for ids in (["01", "01", "02", "02"], ["a", "a", "b", "b"]):
        table = il2.event_table(DOSES | {"ID": ids}, **LEVELS).tables["event_table"]
        assert list(table["id"]) == ids


def test_people_of_a_regimen_are_counted_in_whole_numbers():
    low = {"ligand": "aldesleukin", "dose": "1 MIU/m2", "route": "subcutaneous"}
    answer = il2.regimen({"low": low}, times=["0 d", "1 d"], patients=3)
    people = answer.tables["regimen_patients"].to_pandas()
    kinds = {name: str(people[name].dtype) for name in ("patient", "doses_given", "doses_planned")}
    assert set(kinds.values()) <= {"int64", "Int64"}, kinds


def test_missing_text_is_null():
    answer = il2.dose_response("il2", "treg", doses=["1 pM", "10 pM", "1 nM"], times="1 h")
    table = answer.tables["dose_response_ec50"]
    name = "interval_is"
    assert set(table[name]) == {None} and table.to_pandas()[name].isna().all()
    assert pyarrow.table(table)[name].null_count == len(table)
    assert polars.DataFrame(table)[name].null_count() == len(table)


def test_every_unit_is_read_by_pint(plate):
    known = il2.define_units()
    for unit in il2._il2.labels():
        known.Unit(unit)
        if not any(word in unit for word in ("cell", "IU")):
            pint.UnitRegistry().Unit(unit)
    labels = {"/cell": "1/cell", "/pM/min": "1/pM/min", "mg/m2": "mg/m**2", "m^2": "m**2", "pM h": "pM*h"}
    assert {unit: il2._il2.label(unit) for unit in labels} == labels
    found = plate().tables["fit_starts"].units
    assert found["mutein.affinity.il2r_beta (nM)"] == "nM"
    assert il2.define_units(known).Quantity(1, "MIU").to("IU").magnitude == pytest.approx(1e6)


def test_a_label_of_a_unit_may_be_given_back(curve):
    cell = {"mine": {"from": "treg", "receptors": {"il2r_beta": (1000, "1/cell")}}}
    table = il2.dose_response("il2", cell, doses=["1 pM", "30 pM", "1 nM"], times="1 h").tables["dose_response"]
    assert table.units["signalling_complexes_per_cell"] == "1/cell"


def test_a_dataset_has_each_number_once_and_gaps_where_rows_are_missing():
    answer = il2.dose_response(["il2", "il15"], ["treg", "nk"], doses=["1 pM", "30 pM", "1 nM"], times="1 h")
    table = answer.tables["dose_response"]
    keys = ["ligand", "cell", "dose_pm"]
    frame = table.to_pandas().set_index(keys)
    for by in (keys, keys[::-1]):
        cube = table.to_xarray(by)
        for row, value in frame["signalling_complexes_per_cell"].items():
            assert float(cube["signalling_complexes_per_cell"].sel(dict(zip(keys, row, strict=True)))) == value
    assert table.to_xarray()["dose_pm"].attrs["units"] == "pM"
    # A hole: one subject has an observation that the other has not.
    uneven = {name: values[:3] for name, values in DOSES.items()}
    levels = il2.event_table(uneven, **LEVELS).tables["event_table"].to_xarray(["id", "time_h"])
    assert np.isnan(levels["concentration_iu_per_ml"].sel(id=2, time_h=2))
    assert levels["concentration_iu_per_ml"].dims == ("id", "time_h")

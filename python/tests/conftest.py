"""What tests share."""

import inspect
import os
import pathlib

import il2
import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture
def studies():
    """The folder of the example studies."""
    return ROOT / "studies"


@pytest.fixture(scope="session")
def program():
    """The command line, built from the same sources."""
    path = pathlib.Path(os.environ.get("IL2", ROOT / "target" / "release" / "il2"))
    if not path.exists():
        pytest.skip(f"no command line at {path}; build it with cargo build --release")
    return path


@pytest.fixture
def well():
    """A study of a few milliseconds, as a dict."""
    return {
        "version": 1,
        "question": "How fast do Treg use up 100 pM IL-2?",
        "ligands": {"il2": {"from": "il2"}},
        "cells": {"treg": {"from": "treg"}},
        "culture": {"volume": "0.2 mL", "cells": "200000 cells"},
        "assay": {
            "well": {"kind": "time-course", "doses": ["100 pM"], "times": ["0 h", "6 h", "24 h"]}
        },
    }


@pytest.fixture
def curve():
    """A dose-response table of a few doses."""

    def of(doses, **keys):
        return il2.dose_response("il2", "treg", doses=doses, times="1 h", **keys).tables["dose_response"]

    return of


@pytest.fixture
def plate():
    """A fit to four wells, whose measurements the caller may change."""

    def of(**keys):
        wells = {
            "of": "wells",
            "readout": "signalling_complexes",
            "columns": {"time": "min", "dose": "nM", "value": "RFU"},
            "units": {"dose": "nM", "time": "min"},
            "scale": [],
        }
        columns = {
            "cell": ["nk"] * 4,
            "min": [60] * 4,
            "nM": [1, 10, 100, 1000],
            "RFU": [134, 706, 1220, 1620],
        }
        measured = {"pstat5": wells | {"table": columns} | keys}
        setting = dict(ligands={"mutein": "il2-cd25-blind"}, cells="nk", starts=1, chains=0)
        return il2.fit({"mutein.affinity.il2r_beta": {"prior": ["10 nM", "10 uM"]}}, measured, **setting)

    return of


@pytest.fixture
def called(request):
    """Calls a function with the fixtures that its arguments name, for cases of a parametrised test."""

    def of(call):
        return call(*map(request.getfixturevalue, inspect.signature(call).parameters))

    return of

"""What tests share."""

import os
import pathlib

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

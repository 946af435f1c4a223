"""Studies as a whole: run them, check them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from . import _il2, wording
from . import progress as shown
from .answer import Answer, Plan, given_of, warned
from .arguments import path, whole
from .errors import ArgumentError, StudyError
from .given import Given

#: Largest seed that a study holds.
LARGEST_SEED = 2**63 - 1
#: Most points of a grid.
MOST_POINTS = 100_000


def run(
    study: str | os.PathLike[str] | Mapping[str, Any] | Answer,
    *,
    tables: Mapping[str, Any] | None = None,
    threads: int | None = None,
    seed: int | None = None,
    out: str | os.PathLike[str] | None = None,
    progress: bool | shown.Progress | None = None,
) -> Answer:
    """Run a study.

    Parameters
    ----------
    study : str, path, dict or Answer
        The path of a study file, its text (of more than one line), or its content as a dict. Quantities in a dict
        are text with a unit (``"100 pM"``), a pair (``(100, "pM")``) or a quantity of pint. An answer is its study,
        with its tables, once more.
    tables : mapping of str to table, optional
        Tables that the study names, in place of files beside it: text of CSV, a frame of pandas or polars, a
        ``pyarrow.Table``, a table of an answer, or a dict of columns. A frame may also stand in a dict where it names
        a table. An index with names becomes columns; row numbers are left out.
    threads : int, optional
        Threads to use; all if left out. The answer does not depend on it.
    seed : int, optional
        Seed of every draw, in place of the one of the study.
    out : path, optional
        Folder to write, as ``il2 run STUDY --out FOLDER`` does.
    progress : bool or callable, optional
        Whether to show how far it is; by itself after a second in notebooks and terminals. A function is called with
        the assay, its finished simulations and their number, again and again until all are finished; an exception
        that it raises ends the run.

    Returns
    -------
    Answer

    Raises
    ------
    StudyError
        The study needs mending; the error says where, and how.
    ModelError, FileError
        The model has no answer; a file cannot be read or written.
    KeyboardInterrupt
        After Ctrl-C, within a moment, also while files are written. The folder ``out`` stays as it was.

    Warns
    -----
    UserWarning
        The folder ``out`` had the results of another study, which are replaced; or files that are not of il2.

    Examples
    --------
    Right: every number has a unit.

    >>> import il2
    >>> study = {
    ...     "version": 1,
    ...     "question": "How fast do Treg use up 100 pM IL-2?",
    ...     "ligands": {"il2": {"from": "il2"}},
    ...     "cells": {"treg": {"from": "treg"}},
    ...     "culture": {"volume": (0.2, "mL"), "cells": "200000 cells"},
    ...     "assay": {"well": {"kind": "time-course", "doses": ["100 pM"], "times": ["0 h", "24 h"]}},
    ... }
    >>> len(il2.run(study).tables["well"])
    2

    Wrong: a volume without one.

    >>> il2.run(study | {"culture": {"volume": 0.2, "cells": "200000 cells"}})
    Traceback (most recent call last):
    il2.errors.StudyError: culture.volume: "0.2" has no unit; write for example "0.2 mL"
    """
    count, seed = whole("threads", threads), whole("seed", seed, LARGEST_SEED, least=0)
    given, seed = given_of(study, tables).with_seed(seed)
    return run_given(given, threads=count, seed=seed, out=out, progress=progress)


def run_given(
    given: Given,
    *,
    threads: int | None,
    seed: int | None,
    out: str | os.PathLike[str] | None,
    progress: bool | shown.Progress | None,
) -> Answer:
    """Runs a study whose arguments were checked."""
    folder = None if out is None else path("out", out)
    tell = shown.of(progress)
    try:
        with given.told():
            ran = _il2.run(*given.asked, threads, seed, folder, tell)
    finally:
        if tell is not None:
            tell.end()
    warned(ran.notes)
    return Answer(ran, given)


def check(
    study: str | os.PathLike[str] | Mapping[str, Any] | Answer,
    *,
    tables: Mapping[str, Any] | None = None,
) -> Plan:
    """What a study would run and what is doubtful about it, without running it.

    Parameters
    ----------
    study, tables
        As in :func:`run`.

    Examples
    --------
    >>> import il2
    >>> study = {
    ...     "version": 1,
    ...     "question": "How potent is IL-2 on Treg?",
    ...     "ligands": {"il2": {"from": "il2"}},
    ...     "cells": {"treg": {"from": "treg"}},
    ...     "assay": {
    ...         "dose": {"kind": "dose-response", "doses": il2.grid("1 pM", "1 nM", 4), "times": ["1 h"]},
    ...     },
    ... }
    >>> plan = il2.check(study)
    >>> plan.simulations, plan.assays["dose"]["tables"]
    (5, ['dose', 'dose_ec50'])

    A key that does not exist is refused with the one that was probably meant:

    >>> study["assay"]["dose"]["time"] = "1 h"
    >>> il2.check(study)
    Traceback (most recent call last):
    il2.errors.StudyError: assay.dose.time: unknown key; did you mean times?
    """
    given = given_of(study, tables)
    with given.told():
        content = json.loads(_il2.check(*given.asked))
    for assay in content["assays"].values():
        warnings = assay["warnings"]
        assay["warnings"] = [
            wording.sentence(one, given.frames, not given.files, given.call) for one in warnings
        ]
    return Plan(content)


def grid(first: Any, last: Any, points: int) -> dict[str, Any]:
    """Doses, times or numbers from one to another, both included: doses evenly spaced on a log scale, times evenly.

    Parameters
    ----------
    first, last
        Both ends: quantities that measure the same.
    points : int
        How many, with both ends.

    Examples
    --------
    >>> import il2
    >>> il2.grid("1 pM", "1 uM", 13)
    {'from': '1 pM', 'to': '1 uM', 'points': 13}

    Wrong: from a dose to a time.

    >>> il2.grid("1 pM", "1 h", 5)
    Traceback (most recent call last):
    il2.errors.ArgumentError: grid: "1 pM" is a concentration and "1 h" is a time; give both in the same unit
    """
    whole("points", points, MOST_POINTS, least=2)
    try:
        _il2.ends(first, last)
    except StudyError as error:
        said = error.message.removesuffix(f"; {error.remedy}")
        raise ArgumentError("grid", said, error.remedy) from None
    return {"from": first, "to": last, "points": points}


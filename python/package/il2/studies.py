"""Studies as a whole: run them, check them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from . import _il2
from . import progress as shown
from .answer import Answer, Plan
from .errors import FileError

#: Keys whose values name tables beside the study.
NAMES_OF_TABLES = ("table", "overlay")
#: Greatest nesting of the parts of a study; deeper parts are refused when they are read.
DEEPEST = 64


def run(
    study: str | os.PathLike[str] | Mapping[str, Any],
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
    study : str, path or dict
        The path of a study file, its text (of more than one line), or its content as a dict. Quantities in a dict
        are text with a unit (``"100 pM"``), a pair (``(100, "pM")``) or a quantity of pint.
    tables : mapping of str to table, optional
        Tables that the study names, in place of files beside it: text of CSV, a frame of pandas or polars, or a
        dict of columns. A frame may also stand in a dict where it names a table.
    threads : int, optional
        Threads to use; all if left out. The answer does not depend on it.
    seed : int, optional
        Seed of every draw, in place of the one of the study.
    out : path, optional
        Folder to write, as ``il2 run STUDY --out FOLDER`` does.
    progress : bool or callable, optional
        Whether to show how far it is; by itself after a second in notebooks and terminals. A function is called with
        the assay, its finished simulations and their number.

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
        After Ctrl-C, within a moment. The folder ``out`` stays as it was.

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
    if seed is not None and isinstance(study, Mapping):
        # So that the text of the study gives the same answer on another machine.
        study, seed = {**study, "seed": seed}, None
    study, file, carried = given(study, tables)
    tell = shown.of(progress)
    try:
        folder = None if out is None else os.fspath(out)
        return Answer(_il2.run(study, file, carried, threads, seed, folder, tell))
    finally:
        if tell is not None:
            tell.end()


def check(
    study: str | os.PathLike[str] | Mapping[str, Any],
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
    study, file, carried = given(study, tables)
    return Plan(json.loads(_il2.check(study, file, carried)))


def grid(first: Any, last: Any, points: int) -> dict[str, Any]:
    """Doses, times or numbers from one to another, both included: doses evenly spaced on a log scale, times evenly.

    Examples
    --------
    >>> import il2
    >>> il2.grid("1 pM", "1 uM", 13)
    {'from': '1 pM', 'to': '1 uM', 'points': 13}
    """
    return {"from": first, "to": last, "points": points}


def library() -> dict[str, dict[str, str]]:
    """Ids and full names of what the library holds, by kind.

    Examples
    --------
    >>> import il2
    >>> il2.library()["cells"]["treg"]
    'Regulatory T cell'
    """
    return json.loads(_il2.library())


def given(
    study: str | os.PathLike[str] | Mapping[str, Any], tables: Mapping[str, Any] | None
) -> tuple[Any, bool, dict[str, str] | None]:
    """The study, whether it is a file, and the tables that come with it as text."""
    carried = {str(name): _csv(table) for name, table in (tables or {}).items()}
    if isinstance(study, Mapping):
        study = _with_named_tables(study, carried)
        if carried:
            # Either all tables are files, or all are included with the study.
            _read_others(study, carried)
        return study, False, carried or None
    if isinstance(study, os.PathLike) or (isinstance(study, str) and "\n" not in study):
        path = os.fspath(study)
        if not carried:
            return path, True, None
        with open(path, encoding="utf-8") as opened:
            study = opened.read()
    if not isinstance(study, str):
        raise TypeError(f"a study is text, a path or a dict, not a {type(study).__name__}")
    return study, False, carried or None


def _is_table(value: Any) -> bool:
    return hasattr(value, "to_csv") or hasattr(value, "write_csv")


def _csv(table: Any) -> str:
    """A table as text of CSV."""
    if isinstance(table, str):
        return table
    if hasattr(table, "to_csv"):
        return table.to_csv(index=False) if hasattr(table, "index") else table.to_csv()
    if hasattr(table, "write_csv"):
        return table.write_csv()
    if isinstance(table, Mapping):
        lines = zip(*table.values(), strict=True)
        rows = [",".join("" if _missing(v) else str(v) for v in line) for line in lines]
        return "\n".join([",".join(map(str, table)), *rows]) + "\n"
    raise TypeError(
        f"a table is text of CSV, a frame or a dict of columns, not a {type(table).__name__}"
    )


def _missing(value: Any) -> bool:
    return value is None or value != value


def _with_named_tables(part: Any, carried: dict[str, str], depth: int = 0) -> Any:
    """The same with the name of a table wherever a frame or a dict of columns names one."""
    if depth > DEEPEST:
        return part
    if isinstance(part, Mapping):
        made = {}
        for key, value in part.items():
            if _is_table(value) or (key == "table" and isinstance(value, Mapping)):
                name = f"table_{len(carried) + 1}.csv"
                carried[name] = _csv(value)
                made[key] = name
            else:
                made[key] = _with_named_tables(value, carried, depth + 1)
        return made
    if isinstance(part, list):
        return [_with_named_tables(one, carried, depth + 1) for one in part]
    return part


def _read_others(part: Any, carried: dict[str, str]) -> None:
    if isinstance(part, list):
        for one in part:
            _read_others(one, carried)
    elif isinstance(part, Mapping):
        for key, value in part.items():
            if key in NAMES_OF_TABLES and isinstance(value, str | os.PathLike):
                name = os.fspath(value)
                if name not in carried:
                    carried[name] = _text_of(name)
            else:
                _read_others(value, carried)


def _text_of(file: str) -> str:
    try:
        with open(file, encoding="utf-8-sig") as opened:
            return opened.read()
    except OSError as why:
        text = f"{file}: cannot be read ({why.strerror}); give the path of a table"
        raise FileError(text, remedy="give the path of a table", file=file) from why

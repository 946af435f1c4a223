"""A study as Python gives it: what its dict may hold, and the tables that come with it."""

from __future__ import annotations

import contextlib
import copy
import os
import re
from collections.abc import Mapping
from typing import Any

from . import frames, wording
from .errors import ArgumentError, shown, unreadable

#: Keys whose values name tables beside the study.
NAMES_OF_TABLES = ("table", "overlay")
#: Parts of a study that name tables.
WITH_TABLES = ("assay", "regimens", "panel", "figures")
#: Greatest nesting of the parts of a study.
DEEPEST = 32
#: Largest whole number that the study format holds.
LARGEST = 2**63 - 1

#: The keys that lead to a part of a study.
Path = tuple[str, ...]


class Given:
    """A study as the compiled part takes it.

    Attributes
    ----------
    study : str, path or dict
        The study, in whose place of a frame there is the name of its text.
    file : bool
        Whether the study is a file.
    tables : dict or None
        Texts of the tables that come with it, by name.
    """

    def __init__(
        self, study: str | os.PathLike[str] | Mapping[str, Any], tables: Mapping[str, Any] | None
    ) -> None:
        #: By the name of a text: the place in the study where it was given as a frame.
        self.frames: dict[str, str] = {}
        #: By name: the path of a table that the study names as a file.
        self.files: dict[str, str] = {}
        self.file = False
        self.is_dict = isinstance(study, Mapping)
        self.call: str | None = None
        #: The seed in place of that of a file or text.
        self.seed: int | None = None
        if tables is not None and not isinstance(tables, Mapping):
            said = f"{shown(tables)} is not a dict"
            raise ArgumentError(
                "tables", said, 'give {"doses.csv": table}, each by the name in the study'
            )
        carried = {str(n): frames.to_csv(table, f'tables["{n}"]') for n, table in (tables or {}).items()}
        if isinstance(study, Mapping):
            study = self._part(study, (), carried)
            for name in list(self.files):
                # Either all tables are files, or all are included with the study.
                if carried and name not in carried:
                    carried[name] = _text_of(name)
        elif isinstance(study, os.PathLike) or (isinstance(study, str) and "\n" not in study):
            path = os.fspath(study)
            self.file = not carried
            study = path if self.file else _text_of(path, "a study file")
        if not self.file and not isinstance(study, str | Mapping):
            raise ArgumentError("study", f"a study is text, a path or a dict, not {shown(study)}")
        self.study: Any = study
        self.tables = carried or None

    @property
    def asked(self) -> tuple[Any, bool, dict[str, str] | None]:
        """The first three arguments of the functions of the compiled part."""
        return self.study, self.file, self.tables

    def with_seed(self, seed: int | None) -> tuple[Given, int | None]:
        """The same with a seed, and what is then left to say beside the study."""
        if seed is None:
            return self, self.seed
        new = copy.copy(self)
        if isinstance(self.study, Mapping):
            # So that the text of the study gives the same answer on another machine.
            new.study = {**self.study, "seed": seed}
            return new, None
        new.seed = seed
        return new, seed

    def with_tables(self, text: str, tables: Mapping[str, Any]) -> Given:
        """The same study, given as text, with other tables."""
        own = {name: _text_of(file) for name, file in self.files.items()} | (self.tables or {})
        new = Given(text, {**own, **tables})
        new.seed = self.seed
        return new

    def told(self) -> contextlib.AbstractContextManager[None]:
        """Says errors of the compiled part in words of Python."""
        is_text = isinstance(self.study, str) and not self.file
        return wording.told(self.is_dict, self.call, self.frames, is_text)

    def _part(self, part: Any, path: Path, carried: dict[str, str], depth: int = 0) -> Any:
        """The same with a name in place of a table, lists in place of arrays, and nothing that no study holds."""
        if part is None or isinstance(part, str | float | bool | os.PathLike):
            return part
        if depth > DEEPEST:
            raise ArgumentError(_place(path), "is nested too deeply for a study")
        if isinstance(part, Mapping):
            if part.get("kind") == "sbml" and isinstance(part.get("model"), str | os.PathLike):
                model = os.fspath(part["model"])
                self.files[model] = os.path.abspath(model)
            return {
                str(key): self._value(value, (*path, str(key)), carried, depth + 1)
                for key, value in part.items()
            }
        if frames.is_frame(part):
            said = f"{shown(part)} is a table, but none belongs here"
            raise ArgumentError(
                _place(path), said, 'give one column with its unit, for example (frame["dose"], "pM")'
            )
        if isinstance(part, int):
            if abs(part) > LARGEST:
                raise ArgumentError(_place(path), f"{part} is too large for a study")
            return part
        part = quantities(part)
        if isinstance(part, list | tuple) and not is_pair(part):
            at = path[:-1], path[-1] if path else ""
            items = ((*at[0], f"{at[1]}, item {i}") for i in range(1, len(part) + 1))
            return [
                self._part(one, item, carried, depth + 1) for one, item in zip(part, items, strict=True)
            ]
        if is_pair(part) or hasattr(part, "magnitude"):
            return part
        if hasattr(part, "tolist"):
            return self._part(part.tolist(), path, carried, depth)
        said = f"{shown(part)} is not what a study can hold"
        remedy = "use text, numbers, lists, dicts, (number, unit) or a quantity of pint"
        if hasattr(part, "total_seconds"):
            remedy = f'write it with a unit: "{part.total_seconds() / 60:g} min"'
        raise ArgumentError(_place(path), said, remedy)

    def _value(self, value: Any, path: Path, carried: dict[str, str], depth: int) -> Any:
        """The value of a key."""
        # Whoever calls a part `table` means no table by it.
        names_table = path[-1] in NAMES_OF_TABLES and len(path) > 2 and path[-2] != "measured"
        if not names_table or path[0] not in WITH_TABLES or value is None:
            return self._part(value, path, carried, depth)
        if isinstance(value, str | os.PathLike):
            name = os.fspath(value)
            self.files[name] = os.path.abspath(name)
            return name
        text = frames.to_csv(value, _place(path))
        name = _free(_name_of(path), carried)
        carried[name] = text
        self.frames[name] = _place(path)
        return name


def is_pair(value: Any) -> bool:
    """Whether it is a number with its unit, ``(100, "pM")``."""
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and isinstance(value[1], str)
        and not isinstance(value[0], str)
        and hasattr(value[0], "__float__")
        and not getattr(value[0], "shape", ())
    )


def quantities(value: Any) -> Any:
    """Arrays, columns and quantities of astropy as lists, numbers and pairs."""
    if value is None or isinstance(value, str | float | int | Mapping | os.PathLike):
        return value
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str) and not is_pair(value):
        numbers = _numbers(value[0])
        if numbers is not None:
            return [(number, value[1]) for number in numbers]
    of_pint = getattr(getattr(value, "pint", None), "quantity", None)
    if of_pint is not None:
        # A column of pint-pandas.
        return of_pint
    if hasattr(value, "unit") and hasattr(value, "to_value"):
        # astropy writes 1 / h and nmol / l.
        unit = re.sub(r"\b([dmunpf]?)l\b", r"\1L", str(value.unit).replace(" ", "").removeprefix("1"))
        numbers = value.value.tolist()
        return [(one, unit) for one in numbers] if isinstance(numbers, list) else (numbers, unit)
    if hasattr(value, "magnitude") or isinstance(value, list | tuple):
        return value
    for way in ("to_list", "to_pylist"):
        if hasattr(value, way):
            return getattr(value, way)()
    if not hasattr(value, "tolist") and hasattr(value, "__iter__") and not isinstance(value, bytes):
        return list(value)
    return value


def _numbers(value: Any) -> list[Any] | None:
    """Numbers that are given as a list, an array or a column."""
    for way in ("tolist", "to_list", "to_pylist"):
        if hasattr(value, way):
            value = getattr(value, way)()
            break
    if not isinstance(value, list | tuple):
        return None
    return list(value) if all(hasattr(one, "__float__") for one in value) else None


def _place(path: Path) -> str:
    return ".".join(path) or "study"


def _name_of(path: Path) -> str:
    """Name of the text of a table: the user's own name for it, if there is one."""
    own = path[0] in ("regimens", "panel") or (len(path) > 3 and path[-3] == "measured")
    return re.sub(r"[^\w-]", "_", path[-2] if own else path[-1])


def _free(name: str, taken: Mapping[str, str]) -> str:
    number = 1
    while (one := f"{name}.csv" if number == 1 else f"{name}_{number}.csv") in taken:
        number += 1
    return one


def _text_of(file: str, what: str = "a table") -> str:
    try:
        with open(file, encoding="utf-8-sig") as opened:
            return opened.read()
    except OSError as why:
        remedy = f"give the path of {what}"
        text = f"{file}: cannot be read ({why.strerror}); {remedy}"
        raise unreadable(why)(text, remedy=remedy, file=file) from why

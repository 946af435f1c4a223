"""Arguments of calls: what is not allowed is refused with its name, what is allowed, and what to write."""

from __future__ import annotations

import operator
import os
from collections.abc import Mapping
from typing import Any

from . import _il2
from .errors import ArgumentError, shown
from .frames import is_frame
from .given import is_pair, quantities

#: Most threads.
MOST_THREADS = 1024

#: Keys that begin a ligand or a cell.
BEGINNINGS = ("from", "like", "arms")


def whole(name: str, value: Any, most: int = MOST_THREADS, least: int = 1) -> int | None:
    """A whole number, as an argument."""
    if value is None:
        return None
    allowed = f"use {least} to {most}"
    try:
        number = operator.index(value)
    except TypeError:
        found = str(value) if isinstance(value, float) else shown(value)
        raise ArgumentError(name, f"{found} is not a whole number", allowed) from None
    if not least <= number <= most:
        raise ArgumentError(name, f"{number} is not allowed", allowed)
    return number


def path(name: str, value: Any) -> str:
    """The name of a file or folder, as an argument."""
    try:
        return os.fsdecode(os.fspath(value))
    except TypeError:
        raise ArgumentError(
            name,
            f"{shown(value)} is not a path",
            f'give text or a pathlib.Path, for example {name}="out/mine"',
        ) from None


def stat5_of(value: Any) -> bool | str:
    """Whether pSTAT5 follows, as an argument: True, False, or the name of the equations, which is checked later."""
    if isinstance(value, str | bool):
        return value
    if type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    raise ArgumentError("stat5", f"{shown(value)} is not allowed", "use True or False")


def parts(name: str, some: Any, example: str) -> dict[str, Any]:
    """Ligands or cells by name: of one id, several ids, or names with ids or parts."""
    kind = name.removesuffix("s")
    named = f'{{"mine": {{"from": "{example}"}}}}'
    written = f'write "{example}", a list of ids, or a dict that gives each {kind} its name: {named}'
    if isinstance(some, str):
        return {some: {"from": some}}
    if isinstance(some, Mapping):
        if any(isinstance(some.get(key), str | list) for key in BEGINNINGS):
            keys = ", ".join(f'"{key}": ...' for key in some)
            remedy = f'put a name of your own before it, for example {{"mine": {{{keys}}}}}'
            raise ArgumentError(name, f"these are the keys of one {kind}, without its name", remedy)
        given = dict(some)
    elif hasattr(some, "__iter__"):
        ids = list(some)
        if any(isinstance(one, Mapping) for one in ids):
            remedy = f"write a dict instead of the list, for example {named}"
            raise ArgumentError(
                name, f"a list holds ids; a {kind} with keys of its own needs a name", remedy
            )
        given = {one: one for one in ids if isinstance(one, str)}
        if len(given) < len(ids):
            wrong = [one for one in ids if not isinstance(one, str)]
            if wrong:
                raise ArgumentError(name, f"{shown(wrong[0])} is not an id", written)
            twice = next(one for one in ids if ids.count(one) > 1)
            raise ArgumentError(name, f'"{twice}" is there more than once', "give each once")
    else:
        raise ArgumentError(name, f"{shown(some)} is not allowed", written)
    if not given:
        raise ArgumentError(name, "is empty", written)
    for key, part in given.items():
        if not isinstance(part, str | Mapping):
            said = f"{shown(part)} is neither an id nor the keys of a {kind}"
            raise ArgumentError(
                f"{name}.{key}", said, f'write for example {{"{key}": {{"from": "{example}"}}}}'
            )
    return {str(n): {"from": p} if isinstance(p, str) else p for n, p in given.items()}


def by_name(name: str, what: str, given: Any, example: str, whole: bool = True) -> Mapping[str, Any]:
    """Parts that a dict gives names, each of them a dict too if it is whole."""
    remedy = f"write a dict that gives each {what} its name, for example {example}"
    if not isinstance(given, Mapping):
        raise ArgumentError(name, f"{shown(given)} is not allowed", remedy)
    if not given:
        raise ArgumentError(name, "is empty", remedy)
    wrong = [key for key, part in given.items() if whole and not isinstance(part, Mapping)]
    if wrong:
        said = f'"{wrong[0]}" is followed by {shown(given[wrong[0]])}, not by the keys of a {what}'
        if len(wrong) == len(given):
            said = f"these are the keys of one {what}, without its name ({', '.join(map(str, given))})"
        raise ArgumentError(name, said, remedy)
    return given


def spaced(given: Any) -> Any:
    """A grid as a list of quantities, evenly spaced, where a study takes no grid."""
    if isinstance(given, Mapping) and set(given) == {"from", "to", "points"} and type(given["points"]) is int:
        return _il2.spaced(given["from"], given["to"], max(given["points"], 0)) or given
    return given


def several(name: str, given: Any, unit: str) -> Any:
    """Quantities as a list, of one where one is given: text, a number, a pair, or a quantity of pint or astropy."""
    if given is None or isinstance(given, Mapping) or is_frame(given):
        return given
    given = quantities(given)
    single = isinstance(given, str | int | float) or is_pair(given) or hasattr(given, "total_seconds")
    if single or (hasattr(given, "magnitude") and not getattr(given.magnitude, "shape", ())):
        return [given]
    if hasattr(given, "tolist") and not hasattr(given, "magnitude"):
        given = given.tolist()
    if isinstance(given, list | tuple) and given and all(type(one) in (int, float) for one in given):
        word = "numbers have" if len(given) > 1 else "number has"
        remedy = f'write for example ({name}, "{unit}") for all of them, or "{given[0]:g} {unit}" for one'
        raise ArgumentError(name, f"the {len(given)} {word} no unit", remedy)
    return given

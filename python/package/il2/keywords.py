"""Keys of assays as arguments of calls: signatures, docstrings and stubs follow the schema of studies."""

from __future__ import annotations

import functools
import inspect
import json
import re
import textwrap
from collections.abc import Callable
from typing import Any

from . import _il2
from .wording import LINE

#: The kinds of assays behind a call; all others have the call's own name.
KINDS = {"time_course": ("time-course", "washout")}
#: Parts of a study outside its assay.
PARTS = ("models", "culture", "regimens", "solver", "panel", "figures", "output", "question")
#: Arguments that belong to `run`: their types and what they do.
OF_THE_RUN = {
    "threads": ("int | None", "Threads to use; all if left out. The answer does not depend on it."),
    "seed": ("int | None", "Seed of all random draws (default: 1)."),
    "out": ("str | os.PathLike[str] | None", "Folder to write, as `il2 run STUDY --out FOLDER` does."),
    "progress": (
        "bool | Progress | None",
        "Whether to show how far it is, or a function that is told, as in il2.run.",
    ),
    "tables": ("Mapping[str, Any] | None", "Tables that the study names, as in il2.run."),
}
#: Words of study files in descriptions, and the same in Python.
WORDS = (
    (r"\{ ?from, to, points ?\}", "il2.grid(from, to, points)"),
    (r"`il2 check --full`", "il2.check(study).inputs"),
    (r"the output of (il2\.check\(study\)\.inputs)", r"\1"),
    (r"(?:the output of )?`il2 list ([\w-]+)`", r'il2.library("\1")'),
    (r"\{ (\w+) = ([^}]*?) \}", r'{"\1": \2}'),
    (r"\{ \}", "{}"),
    (r"(?<![\w\"])(\w+|\"[\w.]+\") = (\"[^\"]*\")(?! \* )", r"\1: \2"),
    (r", in the folder of the study", ""),
    (r"`", ""),
)
#: Width of lines in docstrings.
WIDTH = 100


class Key:
    """A key of an assay, or a part of a study."""

    def __init__(self, name: str, schema: dict[str, Any], needed: bool) -> None:
        self.name = name
        self.needed = needed
        self.type = _type(schema)
        self.says = in_python(schema.get("description", ""))


@functools.cache
def schema() -> dict[str, Any]:
    """The schema of studies."""
    return json.loads(_il2.schema())


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """Schemas of the keys of a kind of assay."""
    assays = schema()["$defs"]["AssayPart"]["oneOf"]
    return next(one["properties"] for one in assays if one["properties"]["kind"]["const"] == kind)


def kinds(call: str) -> tuple[str, ...]:
    """The kinds of assays that a call asks for."""
    return KINDS.get(call, (call.replace("_", "-"),))


def keys(call: str, own: tuple[str, ...]) -> list[Key]:
    """Keys and parts that a call takes beside its own parameters."""
    found: dict[str, Key] = {}
    for kind in kinds(call):
        for name, one in sorted(of_kind(kind).items()):
            if name != "kind" and name not in own:
                found.setdefault(name, Key(name, one, False))
    for name in PARTS:
        # An assay of this kind defines its own medium.
        if name not in own and not (name == "culture" and call == "culture"):
            found.setdefault(name, Key(name, schema()["properties"][name], False))
    return list(found.values())


def complete(function: Callable[..., Any]) -> tuple[inspect.Signature, str]:
    """Signature and docstring of a call, with every key in place of ``**keys``."""
    signature = inspect.signature(function)
    own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
    more = keys(function.__name__, tuple(one.name for one in own))

    def keyword(name: str, kind: str) -> inspect.Parameter:
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)

    parameters = [
        *own,
        *(keyword(key.name, key.type) for key in more),
        *(keyword(name, kind) for name, (kind, _) in OF_THE_RUN.items()),
    ]
    told = [(key.name, key.type, key.says) for key in more]
    told += [(name, kind, in_python(says)) for name, (kind, says) in OF_THE_RUN.items()]
    lines = "\n".join(_told(*one) for one in told)
    doc = re.sub(
        r"\n    \*\*keys\n(?:        [^\n]*\n|\n(?=        ))*",
        lambda _: f"\n{lines}\n",
        function.__doc__ or "",
    )
    return signature.replace(parameters=parameters), doc


def _told(name: str, kind: str, says: str) -> str:
    """A parameter as a docstring in NumPy style describes it."""
    plain = kind.removesuffix(" | None").replace("os.PathLike[str]", "path")
    word = {
        "Mapping[str, Any]": "dict",
        "Sequence[Any]": "list",
        "Sequence[str]": "list of str",
        "Any": "",
        "str | path": "path",
        "bool | Progress": "bool or callable",
    }.get(plain, plain)
    head = f"    {name}{f' : {word}' if word else ''}, optional"
    inside = " " * 8
    lines = textwrap.wrap(
        says, WIDTH, initial_indent=inside, subsequent_indent=inside, break_on_hyphens=False
    )
    return "\n".join([head, *lines])


def in_python(text: str) -> str:
    """A description of the study format in words of Python."""
    text = " ".join(text.split())
    for pattern, words in (*WORDS[:-1], *LINE, WORDS[-1]):
        text = re.sub(pattern, words, text)
    return re.sub(r"\b(true|false)\b", lambda word: word[0].capitalize(), text)


def _type(one: dict[str, Any]) -> str:
    """Type of an argument, as a stub writes it."""
    found = _plain(one)
    return found if found == "Any" else f"{found} | None"


def _plain(one: dict[str, Any]) -> str:
    if "$ref" in one:
        return _of_part(one["$ref"].rpartition("/")[2])
    if "anyOf" in one:
        kinds = [_plain(each) for each in one["anyOf"] if each.get("type") != "null"]
        return kinds[0] if len(set(kinds)) == 1 else "Any"
    kind = one.get("type")
    kind = next((k for k in kind if k != "null"), None) if isinstance(kind, list) else kind
    if kind == "array":
        return "Sequence[str]" if one.get("items", {}).get("type") == "string" else "Sequence[Any]"
    known = {
        "object": "Mapping[str, Any]",
        "string": "str",
        "integer": "int",
        "number": "float",
        "boolean": "bool",
    }
    return known.get(str(kind), "Any")


def _of_part(name: str) -> str:
    """Quantities, grids and words may be given in many ways; parts are dicts."""
    part = schema()["$defs"][name]
    return "Mapping[str, Any]" if part.get("type") == "object" else "Any"

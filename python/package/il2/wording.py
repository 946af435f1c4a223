"""Errors of the compiled part in words of Python: it speaks of files of studies and of the command line."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping

from .errors import ArgumentError, Error

#: Calls that take ``stat5``.
WITH_STAT5 = ("dose_response", "time_course", "design")

#: The command line, and what does the same here.
LINE = (
    (r"use another folder \(--out\)", "use another folder (out=...)"),
    (r"--out (?!FOLDER)(\S+)", r'out="\1"'),
    (r"(?:il2 run STUDY )?--shard (\d+)/(\d+)(?: --out FOLDER)?", r"il2.shard(study, \1, \2, folder)"),
    (r"`(il2\.shard\([^`]*\))`", r"\1"),
    (r", without --shard", ", with il2.run"),
    (r"`il2 list (ligands|cells|models|behaviours)`", r'il2.library()["\1"]'),
    (r"`il2 list`", "il2.library()"),
    (r"`il2 (?:request|new) [\w-]+`", "`il2` on the command line"),
)

#: A key and its value in a study file.
KEY = re.compile(r'(?<![\w."])(?:"([\w.\- ]+)"|(\w+)) = (?=["\[{\d]|true|false)')
#: Where a readout needs a model with STAT5.
NEEDS_STAT5 = re.compile(r"a model with stat5 = true; define it under \[models\.NAME\].*")
#: Directions of `columns`, which differ because both are those of the programs that users come from.
MEANING_FIRST = 'columns gives each meaning its name in the table, for example {"value": "RFU"}'
NAME_FIRST = 'columns gives each name in the table its meaning, for example {"T": "TIME"}'


@contextlib.contextmanager
def told(
    is_dict: bool = False, call: str | None = None, frames: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Says errors in words of Python: of a study in a dict, of a call, with frames by the names of their texts."""
    try:
        yield
    except Error as error:
        if isinstance(error, ArgumentError):
            raise
        raise in_python(error, is_dict, call, frames or {}) from None


def in_python(error: Error, is_dict: bool, call: str | None, frames: Mapping[str, str]) -> Error:
    """The same error; where a frame was given, its row is named in place of a file and a line."""
    text, message, remedy, path, file, line = error.args
    new, remedy = said(message, remedy, path, is_dict, call)
    if is_dict and (hint := _direction(message, frames.get(file, path), call)):
        new, remedy = f"{new}; {hint}", hint
    text, message, row = text.replace(message, new), new, None
    if file in frames:
        at, head = frames[file], f"{file}:{line}: " if line else f"{file}: "
        # The first line has the names of the columns.
        row = line - 2 if line is not None and line > 1 else None
        of_row = "" if row is None else f", row {row} of the frame (from 0)"
        text = f"{at}{of_row}: {text.split(head, 1)[-1]}"
        path, file, line = f"{at}, {path}" if path else at, None, None
    for name, place in frames.items():
        word = re.compile(rf"(?<![\w./-]){re.escape(name)}\b")
        text, message = word.sub(place, text), word.sub(place, message)
        remedy = remedy and word.sub(place, remedy)
    again = type(error)(text, message, remedy, path, file, line)
    again.row = row
    return again


def said(
    message: str, remedy: str | None, path: str, is_dict: bool, call: str | None
) -> tuple[str, str | None]:
    """Message and remedy: of the command line in any study, of study files only in a dict."""
    found, new = message, remedy or ""
    if remedy is not None and message.endswith(remedy):
        found = message.removesuffix(remedy)
    else:
        new = ""
    for pattern, words in LINE:
        found, new = re.sub(pattern, words, found), re.sub(pattern, words, new)
    if is_dict:
        found = found.replace("write a table, for example {", "write a dict, for example {")
        new = new.replace("write a table, for example {", "write a dict, for example {")
        if NEEDS_STAT5.search(found + new):
            found = NEEDS_STAT5.sub("a model with STAT5; ", found + new)
            new = _stat5(call)
        new = _keys(new, path, call)
        new = re.sub(r"\bunder \[([\w.]+)\]", r"under \1", new)
    return found + new, new or remedy


def _direction(message: str, place: str, call: str | None) -> str | None:
    """Which way `columns` goes, where a name in it is refused."""
    if "unknown meaning" in message and ".columns." in place:
        return MEANING_FIRST
    if "which the study names in columns" in message:
        if call == "fit" or ".measured." in place:
            return MEANING_FIRST
        return NAME_FIRST if call is not None or place.startswith("assay.") else None
    return None


def _stat5(call: str | None) -> str:
    if call in WITH_STAT5:
        return "give stat5=True"
    model = '{"from": "gamma-chain", "stat5": True}'
    if call == "culture":
        return f"give model={model}"
    if call is not None:
        return f'give models={{"NAME": {model}}} and model="NAME"'
    return f'add "models": {{"NAME": {model}}}, and "model": "NAME" in the assay'


def _keys(remedy: str, path: str, call: str | None) -> str:
    """Keys and values of a study file as items of a dict, or as arguments of a call."""
    parts = re.match(r"add \[(ligands|cells)\.\w+\] with from = (\S+)", remedy)
    if parts is not None:
        kind, one = parts.groups()
        of_call = f"give {kind}=[{one}]"
        return of_call if call is not None else f'add "{kind}": {{{one}: {{"from": {one}}}}}'
    keys = path.split(", ")[0].split(".")
    brace = remedy.find("{")

    def written(found: re.Match[str]) -> str:
        key = found[1] or found[2]
        own = len(keys) <= 2 or (len(keys) == 3 and keys[2] == key)
        inside = 0 <= brace < found.start()
        if call is not None and own and not inside and keys[0] == "assay":
            return f"{key}="
        return f'"{key}": '

    made = KEY.sub(written, remedy)
    if made != remedy:
        made = re.sub(r"(?<=[:=] )true\b|(?<==)true\b", "True", made)
        made = re.sub(r"(?<=[:=] )false\b|(?<==)false\b", "False", made)
    return made

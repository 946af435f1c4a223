"""Errors of the compiled part in words of Python: it speaks of files of studies and of the command line."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping

from .errors import ArgumentError, Error, FileError

#: Calls that take ``stat5``.
WITH_STAT5 = ("dose_response", "time_course", "design")

#: The command line, and what does the same here.
LINE = (
    (r" \(--out\)", ""),
    (r"--out (?!FOLDER)(\S+)", r'out="\1"'),
    (r"(?:il2 run STUDY )?--shard (\d+)/(\d+)(?: --out FOLDER)?", r"il2.shard(study, \1, \2, folder)"),
    (r"`(il2\.shard\([^`]*\))`", r"\1"),
    (r", without --shard", ", with il2.run"),
    (r"`il2 list (ligands|cells|models|behaviours)`", r'il2.library()["\1"]'),
    (r"`il2 list patient`", 'il2.library()["pharmacokinetics"]'),
    (r"`il2 list tumours`", 'il2.library()["diseases"]'),
    (r"`il2 list ([\w-]+)`", r'il2.library("\1")'),
    (r"`il2 list`", "il2.library()"),
    (r"`il2 check --full`", "il2.check(study).inputs"),
    (r"`il2 audit`", "il2.audit(model)"),
    (r"`il2 export`", "il2.export(study)"),
    (r"`il2 (?:request|new) [\w-]+`", "`il2` on the command line"),
)

#: Studies as files, and the same in a dict.
FILE = (
    (r"write a table, for example \[(\w+)\.NAME\]", 'write a dict, for example {"NAME": {...}}'),
    (r"write a table, for example \{", "write a dict, for example {"),
    (r"add a part such as \[(\w+)\.([\w-]+)\]", r'add a part such as "\2" to \1'),
    (r"\[((?:assay|cells|culture|figures|ligands|models|panel|regimens)(?:\.[\w-]+)*)\]", r"\1"),
)

#: Columns of measurements, named in the study.
COLUMN = (
    r"name the column in the study as (?:assay\.\w+\.)?measured\.([\w-]+)\.columns\.(\w+)",
    r'give its name in measured["\1"]: "columns": {"\2": "NAME"}',
)
#: Keys of an assay, and the same as arguments of its call.
CALL = (
    (r"\b(give|write|specify|add|set) (.{0,90}?)in the study\b", r"\1 \2in the call"),
    (r"\bassay\.\w+\.(\w+) = (?=[\"\[{\d]|true|false)", r"\1="),
)
#: The same in warnings, which have no place.
SWITCHES = ((r"\b(\w+) = true\b", r"\1=True"), (r"\b(\w+) = false\b", r"\1=False"))
#: A table that the study names as a file, which is not there.
UNREAD = re.compile(
    r"(?s)(.+?): cannot be read \((.+?)\); give the path of the file relative to the study"
)
#: Lines of a table that messages name.
LINES = re.compile(r"\b(line|row)(s?) (\d+(?:(?:, | and | to )\d+)*)\b")
#: A key and its value in a study file.
KEY = re.compile(r'(?<![\w."])(?:"([\w.\- ]+)"|(\w+)) = (?=["\[{\d]|true|false)')
#: Where a readout needs a model with STAT5.
NEEDS_STAT5 = re.compile(r"a model with stat5 = true; define it under \[models\.NAME\].*")
#: Directions of `columns`, which differ because both are those of the programs that users come from.
MEANING_FIRST = 'columns gives each meaning its name in the table, for example {"value": "RFU"}'
NAME_FIRST = 'columns gives each name in the table its meaning, for example {"T": "TIME"}'


@contextlib.contextmanager
def told(
    is_dict: bool = False,
    call: str | None = None,
    frames: Mapping[str, str] | None = None,
    is_text: bool = False,
) -> Iterator[None]:
    """Says errors in words of Python: of a study in a dict, of a call, with frames by the names of their texts."""
    try:
        yield
    except Error as error:
        if isinstance(error, ArgumentError):
            raise
        raise in_python(error, is_dict, call, frames or {}, is_text) from None


def in_python(
    error: Error, is_dict: bool, call: str | None, frames: Mapping[str, str], is_text: bool = False
) -> Error:
    """The same error; where a frame was given, its row is named in place of a file and a line."""
    text, message, remedy = str(error), error.message, error.remedy
    path, file, line = error.path, error.file, error.line
    # A remedy of a table is about the keys of the part that names it.
    part = path if file is None or file not in frames else frames[file].rpartition(".")[0]
    new, remedy = said(message, remedy, part, is_dict, call)
    if is_dict and (hint := _direction(message, frames.get(file or "", path), call)):
        new, remedy = f"{new}; {hint}", hint
    if isinstance(error, FileError) and (unread := UNREAD.fullmatch(message)):
        name = unread[1]
        remedy = "give the path of a file, or a frame"
        if is_text:
            remedy = f'give it with the study: tables={{"{name}": frame}}'
        new = f"{name}: cannot be read ({unread[2]}); {remedy}" if is_dict or is_text else new
    text, message, row = text.replace(message, new), new, None
    if file is not None and file in frames:
        at, head = frames[file], f"{file}:{line}: " if line else f"{file}: "
        # The first line has the names of the columns.
        row = line - 2 if line is not None and line > 1 else None
        said_rows = in_rows(message)
        if row is None and (named := re.search(r"\brows? (\d+)\b", said_rows)) and said_rows != message:
            row = int(named[1])
        remedy = remedy and in_rows(remedy)
        text, message = text.replace(message, said_rows), said_rows
        of_row = "" if row is None or line == 1 else f", row {row} of the frame (from 0)"
        text = f"{at}{of_row}: {text.split(head, 1)[-1]}"
        path, file, line = f"{at}, {path}" if path else at, None, None
    for name, place in frames.items():
        text, message = _renamed(text, name, place), _renamed(message, name, place)
        remedy = remedy and _renamed(remedy, name, place)
    again = type(error)(text, message, remedy, path, file, line)
    again.row = row
    return again


def in_rows(text: str) -> str:
    """Lines of a table as rows of the frame that it was, from 0."""

    def rows(found: re.Match[str]) -> str:
        numbers = [int(number) for number in re.findall(r"\d+", found[3])]
        # The first line has the names of the columns.
        if found[1] == "row" or min(numbers) < 2:
            return found[0]
        return f"row{found[2]} " + re.sub(r"\d+", lambda number: str(int(number[0]) - 2), found[3])

    return LINES.sub(rows, text)


def sentence(text: str, frames: Mapping[str, str], alone: bool, call: str | None = None) -> str:
    """A sentence of an answer or a plan, with commands and tables that were frames in words of Python.

    `alone` says whether the study has no other table.
    """
    for pattern, words in LINE:
        text = re.sub(pattern, words, text)
    if call is not None:
        for pattern, words in SWITCHES:
            text = re.sub(pattern, words, text)
    if alone and len(frames) == 1:
        text = in_rows(text)
    for name, place in frames.items():
        text = _renamed(text, name, place)
    return text


def _renamed(text: str, name: str, place: str) -> str:
    """The place of a frame instead of the name of its text."""
    return re.sub(rf"(?<![\w./-]){re.escape(name)}\b", lambda _: place, text)


def said(
    message: str, remedy: str | None, path: str, is_dict: bool, call: str | None
) -> tuple[str, str | None]:
    """Message and remedy: of the command line in any study, of study files only in a dict."""
    found, new = message, ""
    if remedy is not None and message.endswith(remedy):
        found, new = message.removesuffix(remedy), remedy
    elif ", for example " in message:
        found, example, new = message.rpartition(", for example ")
        found += example
    for pattern, words in LINE:
        found, new = re.sub(pattern, words, found), re.sub(pattern, words, new)
    if is_dict:
        found, new = re.sub(*COLUMN, found), re.sub(*COLUMN, new)
        if call is not None:
            for pattern, words in CALL:
                found, new = re.sub(pattern, words, found), re.sub(pattern, words, new)
        if NEEDS_STAT5.search(found + new):
            found, new = NEEDS_STAT5.sub("a model with STAT5; ", found + new), _stat5(call)
        new = _part(new, "there is no" in found, call) or _keys(new, path, call)
        for pattern, words in FILE:
            found, new = re.sub(pattern, words, found), re.sub(pattern, words, new)
    return found + new, (new or remedy) if remedy is not None else None


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


def _part(remedy: str, is_none: bool, call: str | None) -> str | None:
    """A ligand or cell to add, if the remedy is that."""
    found = re.search(r"add \[(ligands|cells)\.([\w-]+)\] with from = (\S+)", remedy)
    if found is None:
        return None
    kind, name, one = found.groups()
    if is_none and call is not None:
        return f"give {kind}=[{one}]"
    return f'{remedy[: found.start()]}add "{name}": {{"from": {one}}} to {kind}'


def _keys(remedy: str, path: str, call: str | None) -> str:
    """Keys and values of a study file as items of a dict, or as arguments of a call."""
    keys = path.split(", ")[0].split(".")
    brace = remedy.find("{")

    def written(found: re.Match[str]) -> str:
        key = found[1] or found[2]
        own = len(keys) <= 2 or (len(keys) == 3 and keys[2] == key)
        inside = 0 <= brace < found.start()
        if call is not None and own and not inside and keys[0] == "assay":
            return f"{key}="
        return f'"{key}": '

    # Whatever is in quotes stays as it is.
    parts = re.split(r'("[^"]*")', KEY.sub(written, remedy))
    return "".join(part if part.startswith('"') else _plain(part) for part in parts)


def _plain(text: str) -> str:
    """Braces and truth values as Python writes them."""
    text = text.replace("{ ", "{").replace(" }", "}")
    return re.sub(r"\b(true|false)\b", lambda word: word[0].capitalize(), text)

"""What can go wrong, as exceptions that say where and what to do.

Examples
--------
>>> import il2
>>> try:
...     il2.dose_response("il2", "treg", doses=["10"], times="1 h")
... except il2.StudyError as error:
...     print(error.path)
...     print(error.remedy)
assay.dose_response.doses, item 1
write for example "10 pM"
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable
from typing import Any


class Error(Exception):
    """Why something cannot be done.

    Attributes
    ----------
    kind : str
        ``"input"``, ``"model"``, ``"file"`` or ``"internal"``: who can mend it.
    message : str
        What was found, what is allowed, what to do.
    remedy : str or None
        What to do, the end of the message.
    path : str
        The key of the study, items of lists counted from one; empty for the whole study.
    file : str or None
        The file, if one was read.
    line : int or None
        Line in it, from 1.
    row : int or None
        Row of a frame or of a dict of columns that came with the study, from 0 as in ``frame.iloc[error.row]``.
    """

    kind = "input"

    def __init__(
        self,
        text: str,
        message: str | None = None,
        remedy: str | None = None,
        path: str = "",
        file: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(text, message, remedy, path, file, line)
        self.message = text if message is None else message
        self.remedy = remedy
        self.path = path
        self.file = file
        self.line = line
        self.row: int | None = None

    def __str__(self) -> str:
        return str(self.args[0])


class StudyError(Error, ValueError):
    """The study, a table or an argument needs mending.

    It is also Python's own error for wrong values, so that code which expects that goes on.
    """

    kind = "input"


class ArgumentError(StudyError, TypeError, KeyError):
    """An argument, a name of a column or of a table is not one that the call takes.

    It is also each error of Python's own for that, so that code which expects one of those goes on.
    """

    def __init__(self, path: str, message: str, remedy: str | None = None) -> None:
        whole = message if remedy is None else f"{message}; {remedy}"
        super().__init__(f"{path}: {whole}" if path else whole, whole, remedy, path)

    def __reduce__(self) -> Any:
        # Made again from its parts, of which the message includes the remedy.
        end = "" if self.remedy is None else f"; {self.remedy}"
        return type(self), (self.path, self.message.removesuffix(end), self.remedy)


class ModelError(Error):
    """Each part can be read, and the model has no answer for them together."""

    kind = "model"


class FileError(Error, OSError):
    """A file or folder cannot be read or written as things are; also Python's own error for that."""

    kind = "file"

    def __init__(self, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        self.filename = self.file


class MissingFileError(FileError, FileNotFoundError):
    """There is no such file or folder; also Python's own error for that."""

    def __init__(self, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        self.errno = errno.ENOENT


def unreadable(why: OSError) -> type[FileError]:
    """The error for what Python could not open."""
    return MissingFileError if isinstance(why, FileNotFoundError) else FileError


class InternalError(Error):
    """il2 contradicts itself: a fault to report."""

    kind = "internal"


def shown(value: object) -> str:
    """What was found, in a message."""
    if value is None:
        return "None"
    if isinstance(value, str):
        return f'"{value}"'
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"


def near(word: str, known: Iterable[str], more: bool = False) -> str | None:
    """The name that was probably meant: one with a slip of the pen, or one that the word begins.

    With `more`, the known names may have a unit or another ending (``dose`` for ``dose_pm``).
    """
    names = list(known)
    close = difflib.get_close_matches(word.lower(), [name.lower() for name in names], n=1, cutoff=0.8)
    if close:
        return next(name for name in names if name.lower() == close[0])
    begun = [name for name in names if len(word) > 2 and name.lower().startswith(word.lower())]
    return min(begun, key=len) if begun and (more or len(begun) == 1) else None

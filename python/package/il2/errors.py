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


class StudyError(Error):
    """The study, a table or an argument needs mending."""

    kind = "input"


class ArgumentError(StudyError, TypeError, ValueError, KeyError):
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


class FileError(Error):
    """A file or folder cannot be read or written as things are."""

    kind = "file"


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

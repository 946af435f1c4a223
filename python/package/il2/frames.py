"""Tables that users give: frames and dicts of columns become text of CSV, without losing a column."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from .errors import ArgumentError, shown

#: What a table may be, for messages.
ALLOWED = "give a path, a frame of pandas or polars, a pyarrow.Table, a table of an answer, or a dict of columns"


def is_frame(value: Any) -> bool:
    """Whether it is a table with named columns; a dict of columns is told by its key alone."""
    if hasattr(value, "sink_csv") or hasattr(value, "write_csv"):
        return True
    columns = hasattr(value, "to_csv") and hasattr(value, "columns")
    return columns or hasattr(value, "to_pydict")


def to_csv(table: Any, at: str) -> str:
    """A table as text of CSV; `at` says where it was given."""
    if isinstance(table, str):
        return table
    if hasattr(table, "sink_csv") and hasattr(table, "collect"):
        # A lazy frame of polars.
        table = table.collect()
    if hasattr(table, "write_csv"):
        return table.write_csv()
    if hasattr(table, "to_csv") and hasattr(table, "columns"):
        return _pandas(table, at) if hasattr(table, "index") else table.to_csv()
    if hasattr(table, "to_pydict"):
        # Tables and batches of pyarrow.
        table = table.to_pydict()
    if isinstance(table, Mapping):
        return _columns(table, at)
    if hasattr(table, "to_frame"):
        said = f"{shown(table)} is one column, not a table"
        raise ArgumentError(at, said, "give a frame, for example its to_frame()")
    raise ArgumentError(at, f"{shown(table)} is not a table", ALLOWED)


def _pandas(frame: Any, at: str) -> str:
    """A frame of pandas: named levels of its index become columns, row numbers are left out."""
    if frame.columns.nlevels > 1:
        said = f"the columns of the frame have {frame.columns.nlevels} levels"
        raise ArgumentError(
            at, said, 'give each column one name, for example frame.columns.map("_".join)'
        )
    index = frame.index
    names = [name for name in index.names if name is not None]
    if not names:
        _row_numbers(index, at)
        return frame.to_csv(index=False)
    if len(names) < index.nlevels:
        said = f"the index of the frame has {index.nlevels} levels, of which {len(names)} are named"
        raise ArgumentError(at, said, "name them all, or make them columns: frame.reset_index()")
    twice = [name for name in names if name in frame.columns]
    if twice:
        said = f'"{twice[0]}" is both a column of the frame and its index'
        raise ArgumentError(at, said, "leave one out: frame.reset_index(drop=True)")
    return frame.reset_index().to_csv(index=False)


def _row_numbers(index: Any, at: str) -> None:
    """Refuses an index without a name that may mean something: anything but whole numbers, each once.

    Those are what is left of row numbers in a frame that was filtered or sorted.
    """
    if index.nlevels == 1 and getattr(index.dtype, "kind", "") in "iu" and index.is_unique:
        return
    if len(index) == 0:
        return
    first = ", ".join(str(label) for label in index[:3])
    remedy = (
        'give the index a name, which makes it a column (frame.rename_axis("ID")), or leave it out: '
        "frame.reset_index(drop=True)"
    )
    raise ArgumentError(at, f"the index of the frame ({first}, ...) has no name", remedy)


def _columns(table: Mapping[Any, Any], at: str) -> str:
    """A dict of columns."""
    if not table:
        raise ArgumentError(at, "the dict of columns is empty", "give a list for each column")
    columns = {name: _values(values, f"{at}, column {name}") for name, values in table.items()}
    rows = {len(values) for values in columns.values()}
    if len(rows) > 1:
        said = ", ".join(f"{name} has {len(values)}" for name, values in columns.items())
        raise ArgumentError(at, f"its columns differ in length: {said}", "give one value for each row")
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        lines.writerow("" if _missing(value) else value for value in row)
    return text.getvalue()


def _values(values: Any, at: str) -> list[Any]:
    for way in ("tolist", "to_list", "to_pylist"):
        if hasattr(values, way):
            values = getattr(values, way)()
            break
    if isinstance(values, str | bytes | Mapping) or not hasattr(values, "__iter__"):
        raise ArgumentError(
            at, f"{shown(values)} is not a column", "give a list with one value for each row"
        )
    return list(values)


def _missing(value: Any) -> bool:
    """None, NaN, and pandas' NA and NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value

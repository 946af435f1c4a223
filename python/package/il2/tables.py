"""Tables of answers: named columns with units."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _il2
from .arguments import path, whole
from .errors import ArgumentError, near, shown, unreadable

if TYPE_CHECKING:
    import pandas
    import xarray

#: Most rows that a notebook or `print` shows.
HEAD = 8
#: Most characters of a line that `print` shows.
WIDTH = 100
#: Most characters of text that has the same length everywhere in memory.
SHORT = 16


class Table:
    """A table of an answer.

    It is read by everything that speaks Arrow: ``polars.DataFrame(table)``, ``pyarrow.table(table)``,
    ``duckdb.sql("select * from table")``.

    Examples
    --------
    >>> import il2
    >>> answer = il2.dose_response("il2", "treg", doses=il2.grid("1 pM", "1 nM", 4), times="1 h")
    >>> table = answer.tables["dose_response"]
    >>> table.columns[:4], table.units["dose_pm"]
    (['ligand', 'cell', 'dose_pm', 'time_min'], 'pM')
    >>> table["dose_pm"]
    array([   0.,    1.,   10.,  100., 1000.])
    >>> table.to_pandas().shape == table.shape
    True

    A column that is not there is named, with those that are:

    >>> table["dose"]
    Traceback (most recent call last):
    il2.errors.ArgumentError: dose_response has no column "dose"; did you mean dose_pm? ...

    Its first rows are shown by ``print``, and all of its columns are ``dict(table)``:

    >>> list(dict(table)) == table.columns
    True
    """

    def __init__(self, inner: _il2.Table) -> None:
        self._inner = inner
        self._columns = {name: i for i, (name, _, _) in enumerate(inner.columns)}

    @property
    def name(self) -> str:
        """Name of its file, without ending."""
        return self._inner.name

    @property
    def columns(self) -> list[str]:
        """Names of the columns, which end in their units."""
        return list(self._columns)

    @property
    def units(self) -> dict[str, str]:
        """Units of the columns that have one, in a form that programs read: ``"pM"``, ``"1/min"``, ``"mg*h/L"``.

        pint reads them, of cells and international units after :func:`il2.define_units`.
        """
        return {name: unit for name, unit, _ in self._inner.columns if unit is not None}

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self._inner.rows, len(self._columns)

    def __len__(self) -> int:
        return self._inner.rows

    def __contains__(self, column: object) -> bool:
        return isinstance(column, str) and column in self._columns

    def __getitem__(self, column: str) -> np.ndarray:
        return self.to_numpy([self._known(column)])[column]

    def keys(self) -> list[str]:
        """Names of the columns, so that ``dict(table)`` has each as an array."""
        return self.columns

    def __iter__(self) -> Iterator[Any]:
        remedy = (
            "write `for row in table.to_pandas().itertuples()` for its rows, or `for name in table.columns` for the "
            "names of its columns"
        )
        raise ArgumentError("", f"{self.name} is not iterated by itself", remedy)

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        said = f"{self.name} has columns of numbers and of text"
        raise ArgumentError("", said, "write table.to_numpy(), which gives an array for each column")

    def _known(self, column: Any) -> str:
        """The name of a column, if it is one."""
        if isinstance(column, str) and column in self._columns:
            return column
        if isinstance(column, str):
            close = near(column, self._columns, more=True)
            hint = f"did you mean {close}? " if close else ""
            raise ArgumentError(
                "", f'{self.name} has no column "{column}"', f"{hint}It has {self._some()}"
            )
        said = f"{self.name} has columns by name, one in brackets, not {shown(column)}"
        some = f'["{self.columns[0]}"]'
        remedy = f"write table{some}, table.to_numpy({some}) for several, or table.to_pandas() for rows"
        raise ArgumentError("", said, remedy)

    def _names(self, argument: str, columns: Any) -> list[str]:
        """Names of columns, as an argument."""
        if not isinstance(columns, str | list | tuple):
            remedy = f'give a list of names, for example ["{self.columns[0]}"]'
            raise ArgumentError(argument, f"{shown(columns)} is not allowed", remedy)
        return [self._known(name) for name in ([columns] if isinstance(columns, str) else columns)]

    def _some(self) -> str:
        few = self.columns[:6]
        return ", ".join(few) + (", ... (all: table.columns)" if len(self._columns) > len(few) else "")

    def to_numpy(self, columns: list[str] | None = None) -> dict[str, np.ndarray]:
        """Columns as arrays: numbers as float64, missing ones NaN; text as objects, missing text None.

        Whole numbers (patients, lines, counts, IDs that are numbers) are int64, and float64 if some are missing.

        Parameters
        ----------
        columns : list of str, optional
            Which; all if left out. Several at once are read in one pass.

        Examples
        --------
        >>> import il2
        >>> answer = il2.dose_response("il2", "treg", doses=il2.grid("1 pM", "1 nM", 4), times="1 h")
        >>> sorted(answer.tables["dose_response"].to_numpy(["cell", "dose_pm"]))
        ['cell', 'dose_pm']
        """
        read = self._read(self.columns if columns is None else self._names("columns", columns))
        return {n: a if t is None else _objects(t)[a] for n, (a, t) in read.items()}

    def _read(self, columns: list[str]) -> dict[str, tuple[np.ndarray, list[str] | None]]:
        """Columns as numbers, or as indices into texts, in arrays of the caller's own."""
        read = self._inner.read([self._columns[name] for name in columns])
        # Without copying: NumPy takes over the memory.
        return {name: (np.asarray(values), texts) for name, (values, texts) in zip(columns, read, strict=True)}

    def to_pandas(self) -> pandas.DataFrame:
        """As a frame of pandas, a new one with each call; its ``attrs["units"]`` has the units of the columns.

        Whole numbers are int64, and Int64 if some are missing; missing text is null.
        """
        import pandas

        whole = set(self._inner.whole)

        def column(name: str, values: np.ndarray, texts: list[str] | None) -> Any:
            if texts is not None:
                return _texts(values, texts)
            if name in whole and values.dtype.kind == "f":
                gaps = np.isnan(values)
                return pandas.arrays.IntegerArray(np.where(gaps, 0, values).astype(np.int64), gaps)
            return values

        read = self._read(self.columns)
        # The arrays belong to this frame alone; a copy would double the memory.
        columns = {name: column(name, *parts) for name, parts in read.items()}
        frame = pandas.DataFrame(columns, copy=False)
        frame.attrs["units"] = self.units
        return frame

    def to_xarray(self, by: str | list[str] | None = None) -> xarray.Dataset:
        """As a dataset of xarray, whose variables have their ``units`` as attributes.

        Parameters
        ----------
        by : list of str, optional
            The columns that become axes; together they must tell each row from all others. If left out, the rows
            are the only axis.

        Examples
        --------
        >>> import il2
        >>> answer = il2.dose_response(["il2", "il15"], "nk", doses=il2.grid("1 pM", "1 nM", 4), times="1 h")
        >>> cube = answer.tables["dose_response"].to_xarray(["ligand", "dose_pm"])
        >>> cube["signalling_complexes_per_cell"].sel(ligand="il15").dims
        ('dose_pm',)
        """
        import xarray

        axes = [] if by is None else self._names("by", by)
        units = {name: {"units": unit} for name, unit in self.units.items()}
        if not axes:
            read = self._read(self.columns)
            arrays = {name: _short(*read.pop(name)) for name in self.columns}
            return xarray.Dataset({name: ("row", array, units.get(name)) for name, array in arrays.items()})
        levels, place = self._places(axes)
        shape = tuple(len(level) for level in levels.values())
        made = xarray.Dataset(coords={name: (name, level, units.get(name)) for name, level in levels.items()})
        read = self._read([name for name in self.columns if name not in axes])
        for name in list(read):
            made[name] = (axes, _cube(_short(*read.pop(name)), place, shape), units.get(name))
        return made

    def _places(self, axes: list[str]) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
        """Sorted values of the axes, and the place of each row among their combinations; none for rows in order."""
        levels, place, size = {}, np.zeros(len(self), dtype=np.int64), 1
        for name, (values, texts) in self._read(axes).items():
            if texts is None:
                levels[name], codes = np.unique(values, return_inverse=True)
            else:
                levels[name], of_text = np.unique(np.array(texts, dtype=object), return_inverse=True)
                codes = of_text[values]
            place *= len(levels[name])
            place += codes.reshape(-1)
            size *= len(levels[name])
        in_order = len(place) == size and bool((place[1:] > place[:-1]).all())
        if in_order:
            return levels, None
        twice = len(place) - len(np.unique(place))
        if twice:
            said = f"{twice} rows of {self.name} repeat others in {', '.join(axes)}"
            more = ", ".join(name for name in self.columns if name not in axes)
            raise ArgumentError("by", said, f"add the columns that tell them apart, of {more}")
        return levels, place

    def to_csv(self, file: str | os.PathLike[str] | None = None) -> str | None:
        """As CSV, the bytes that ``il2 run`` writes: to a file, or as text without one."""
        text = self._inner.csv()
        if file is None:
            return text
        written(path("file", file), text.encode())
        return None

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._inner.__arrow_c_stream__(requested_schema)

    def head(self, rows: int = 5) -> pandas.DataFrame:
        """The first rows as a frame of pandas.

        Examples
        --------
        >>> import il2
        >>> answer = il2.dose_response("il2", "treg", doses=il2.grid("1 pM", "1 nM", 4), times="1 h")
        >>> answer.tables["dose_response"].head(2)["dose_pm"].tolist()    # doctest: +SKIP
        [0.0, 1.0]
        """
        return self.to_pandas().head(whole("rows", rows, 2**31, least=0))

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"<il2.Table {self.name}: {rows} rows, {columns} columns>"

    def __str__(self) -> str:
        """The first rows, as many columns as a line holds."""
        rows = [[_shown(cell) for cell in row] for row in self._inner.head(HEAD)]
        shown: list[list[str]] = []
        width = 0
        for name, *cells in zip(self._columns, *rows, strict=True):
            wide = max(map(len, (name, *cells)))
            if shown and width + wide > WIDTH:
                break
            numbers = self._inner.columns[len(shown)][2]
            shown.append([one.rjust(wide) if numbers else one.ljust(wide) for one in (name, *cells)])
            width += wide + 2
        lines = ["  ".join(line).rstrip() for line in zip(*shown, strict=True)]
        left = len(self._columns) - len(shown)
        more = f"; {left} more columns" if left else ""
        if len(self) > HEAD or left:
            lines.append(f"... {len(self)} rows in all{more}")
        return "\n".join([self.name, *lines])

    def __reduce__(self) -> Any:
        raise ArgumentError("", "a table cannot be pickled", "pickle its frame: table.to_pandas()")

    def _repr_html_(self) -> str:
        rows = self._inner.head(HEAD)
        heads = "".join(f"<th>{html.escape(name)}</th>" for name in self._columns)
        lines = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_shown(cell))}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        more = f"<p>{len(self)} rows in all</p>" if len(self) > HEAD else ""
        name = html.escape(self.name)
        return f"<table><caption>{name}</caption><tr>{heads}</tr>{lines}</table>{more}"


def written(file: str, content: bytes) -> None:
    """Writes a file."""
    try:
        with open(file, "wb") as opened:
            opened.write(content)
    except OSError as why:
        remedy = "give another path"
        text = f"{file}: cannot be written ({why.strerror}); {remedy}"
        raise unreadable(why)(text, remedy=remedy, file=file) from why


def _texts(codes: np.ndarray, texts: list[str]) -> Any:
    """Text as pandas keeps it. Its own way from codes to text takes ten times as long as Arrow's."""
    import pandas

    kind = pandas.Series(texts or [""]).dtype
    if isinstance(kind, pandas.StringDtype) and kind.storage == "pyarrow":
        import pyarrow

        each = pyarrow.array([text or None for text in texts], pyarrow.string())
        coded = pyarrow.DictionaryArray.from_arrays(codes, each)
        return kind.__from_arrow__(coded.cast(pyarrow.large_string()))
    return _objects(texts)[codes]


def _objects(texts: list[str]) -> np.ndarray:
    """Texts, None for missing ones."""
    return np.array([text or None for text in texts], dtype=object)


def _short(values: np.ndarray, texts: list[str] | None) -> np.ndarray:
    """A column for xarray, which copies text that is held as objects several times."""
    if texts is None:
        return values
    if "" in texts or max(map(len, texts), default=0) > SHORT:
        return _objects(texts)[values]
    return np.array(texts, dtype=str)[values]


def _cube(values: np.ndarray, place: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Values of rows as an array with an axis for each key; missing combinations are NaN or None."""
    if place is None:
        return values.reshape(shape)
    full = len(place) == np.prod(shape)
    if values.dtype.kind == "i" and not full:
        values = values.astype(float)
    if values.dtype.kind == "U" and not full:
        values = values.astype(object)
    gap = None if values.dtype == object else np.nan
    cube = np.empty(shape, values.dtype) if full else np.full(shape, gap, dtype=values.dtype)
    cube.reshape(-1)[place] = values
    return cube


def _shown(cell: str | float | None) -> str:
    if cell is None:
        return ""
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)

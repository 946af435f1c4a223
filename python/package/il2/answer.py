"""What comes back from a study."""

from __future__ import annotations

import base64
import html
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from . import _il2, wording
from .arguments import path
from .errors import ArgumentError, FileError, shown, unreadable
from .given import Given
from .tables import Table, written

#: Most figures of an answer that a notebook shows.
MOST_FIGURES = 4

Thing = TypeVar("Thing")


class Named(Mapping[str, Thing], Generic[Thing]):
    """Things by name, in order; a name that is not there is answered with those that are."""

    def __init__(self, what: str, things: dict[str, Thing]) -> None:
        self._what = what
        self._things = things

    def __getitem__(self, name: str) -> Thing:
        if not isinstance(name, str) or name not in self._things:
            found = f'there is no {self._what} "{name}"'
            all_names = ", ".join(self._things)
            raise ArgumentError("", found, f"there is {all_names}" if all_names else None)
        return self._things[name]

    def __getattr__(self, name: str) -> Any:
        # Whoever writes a dot means the name of a thing.
        if name.startswith("_"):
            raise AttributeError(name)
        known = ", ".join(f'["{one}"]' for one in self._things)
        raise AttributeError(
            f"{self._what}s are found by name, with brackets; there is {known or 'none'}"
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)

    def __repr__(self) -> str:
        return f"<{len(self)} {self._what}s: {', '.join(self)}>"


class Figure:
    """A figure, drawn when it is looked at."""

    def __init__(self, run: _il2.Run, index: int, name: str) -> None:
        self._run = run
        self._index = index
        self.name = name

    @property
    def svg(self) -> str:
        """As SVG."""
        return self._run.svg(self._index)

    def png(self, scale: float = 2.0) -> bytes:
        """As PNG, so many dots for one of the SVG."""
        if not isinstance(scale, int | float):
            raise ArgumentError("scale", f"{shown(scale)} is not a number", "write for example 2.0")
        return self._run.png(self._index, scale)

    def save(self, file: str | os.PathLike[str], scale: float = 2.0) -> None:
        """Writes it; the ending of the name, ``.svg`` or ``.png``, says how."""
        where = path("file", file)
        if not where.endswith((".svg", ".png")):
            said = f'"{where}" ends neither in .svg nor in .png'
            raise ArgumentError("file", said, 'write for example "a.svg"')
        written(where, self.png(scale) if where.endswith(".png") else self.svg.encode())

    def __reduce__(self) -> Any:
        raise ArgumentError("", "a figure cannot be pickled", "pickle its text (figure.svg), or save it")

    def __str__(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<il2.Figure {self.name}>"

    def _repr_svg_(self) -> str:
        return self.svg


def warned(notes: list[str]) -> None:
    """Says what was found in a folder that was written."""
    for note in notes:
        warnings.warn(note, stacklevel=3)


def given_of(study: Any, tables: Mapping[str, Any] | None) -> Given:
    """A study as the compiled part takes it, also of an answer, whose tables come along."""
    if not isinstance(study, Answer):
        return Given(study, tables)
    if study.given is None:
        return Given(study.study, tables)
    return study.given if tables is None else study.given.with_tables(study.study, tables)


class Answer:
    """What came out of a study.

    Attributes
    ----------
    tables : mapping of str to Table
        All tables by name, the main one of each assay first.
    figures : mapping of str to Figure
        All figures by name; each is drawn when it is looked at.

    Examples
    --------
    >>> import il2
    >>> answer = il2.dose_response("il2", "treg", doses=il2.grid("1 pM", "1 uM", 13), times="1 h")
    >>> list(answer.tables)
    ['dose_response', 'dose_response_ec50']
    >>> answer.figures["dose_response"].svg[:4]
    '<svg'
    >>> sorted(answer.summary)[:3]
    ['answer', 'answer_across_assays', 'assays']
    """

    def __init__(self, run: _il2.Run, given: Given | None = None) -> None:
        self._run = run
        #: The study as it was given, with its tables; none of a merge.
        self.given = given
        self.tables: Mapping[str, Table] = Named("table", {t.name: Table(t) for t in run.tables()})
        figures = enumerate(run.figures())
        self.figures: Mapping[str, Figure] = Named(
            "figure", {name: Figure(run, i, name) for i, name in figures}
        )

    @property
    def question(self) -> str:
        """What was asked."""
        return self._run.question

    @property
    def study(self) -> str:
        """The study as text.

        :meth:`save_study` writes it as a file, with its tables beside it. The seed of :func:`il2.run` is in it if
        the study was a dict.
        """
        return self._run.study

    def save_study(self, file: str | os.PathLike[str], replace: bool = False) -> list[str]:
        """Writes the study as a file, and beside it the tables that it names; ``il2 run FILE`` gives this answer.

        A frame or a dict of columns becomes a CSV file with the name that `study` has for it. Tables of a study that
        came as a file or as text stay where they are.

        Parameters
        ----------
        file : path
            Where the study is written, for example ``"mine.toml"``.
        replace : bool
            Whether tables that are there with other content are replaced; refused if left out.

        Returns
        -------
        list of str
            Paths of the files, the study first.

        Examples
        --------
        >>> import il2, os, tempfile
        >>> doses = {"ID": [1, 1], "TIME": [0, 1], "AMT": [18, 0], "EVID": [1, 0]}
        >>> answer = il2.event_table(
        ...     doses, model="one-compartment", units={"time": "h", "amount": "MIU"},
        ...     parameters={"clearance": "7 L/h", "volume": "5 L"},
        ... )
        >>> files = answer.save_study(os.path.join(tempfile.mkdtemp(), "mine.toml"))
        >>> [os.path.basename(file) for file in files]
        ['mine.toml', 'table.csv']
        >>> il2.run(files[0]).sentences == answer.sentences
        True
        """
        where = path("file", file)
        folder = os.path.dirname(where)
        contents = {where: self.study.encode()}
        for name, text in (self._beside() if self.given is not None else {}).items():
            beside = os.path.join(folder, name)
            contents[beside] = text
            if not replace and os.path.exists(beside) and _content(beside) != text:
                remedy = "choose another folder for the study, or replace it (replace=True)"
                message = f"{beside}: is there with other content; {remedy}"
                raise FileError(message, remedy=remedy, file=beside)
        for beside, text in contents.items():
            if beside != where and os.path.isdir(folder or "."):
                # A table may lie in a folder beside the study.
                os.makedirs(os.path.dirname(beside) or ".", exist_ok=True)
            written(beside, text)
        return list(contents)

    def _beside(self) -> dict[str, bytes]:
        """Contents of the tables that the study names relative to its file."""
        given = self.given
        assert given is not None
        contents = {name: text.encode() for name, text in (given.tables or {}).items()}
        contents |= {name: _content(p) for name, p in given.files.items() if name not in contents}
        return {name: content for name, content in contents.items() if not os.path.isabs(name)}

    @property
    def sentences(self) -> list[str]:
        """The answer in a few sentences, with units and, where known, intervals."""
        said = [self._run.said(i)[0] for i in range(len(self._run.assays))]
        return [self._told(one) for one in (*self._run.across(), *(s for some in said for s in some))]

    @property
    def warnings(self) -> list[str]:
        """What is doubtful about it."""
        said = [self._run.said(i)[2] for i in range(len(self._run.assays))]
        return [self._told(warning) for one in said for warning in one]

    def _told(self, text: str) -> str:
        """The same with the places of frames, and their rows."""
        given = self.given
        return text if given is None else wording.sentence(text, given.frames, not given.files, given.call)

    @property
    def text(self) -> str:
        """Sentences, main numbers and warnings of each assay, as the command line prints them."""
        parts = ["\n".join([self.question, *self._run.across()])]
        for i, name in enumerate(self._run.assays):
            sentences, text, warnings = self._run.said(i)
            said = [*sentences, text.rstrip("\n"), *(f"! {w}" for w in warnings)]
            parts.append("\n".join([name, *map(self._told, said)]))
        return "\n\n".join(parts)

    @property
    def summary(self) -> dict[str, Any]:
        """All of it for programs: the content of ``summary.json``."""
        return json.loads(self._run.summary())

    @property
    def seconds(self) -> float:
        """Seconds from the text of the study to its answer, without those that Python took."""
        return self._run.seconds

    def save(self, folder: str | os.PathLike[str]) -> list[str]:
        """Writes the files that ``il2 run --out FOLDER`` writes, the same bytes, and gives their names.

        The study itself is not among them: :meth:`save_study` writes it. A folder with the results of another study
        is replaced, with a warning. Ctrl-C leaves the folder as it was.
        """
        with wording.told():
            files, notes = self._run.write(path("folder", folder))
        warned(notes)
        return files

    def __copy__(self) -> Answer:
        return self

    def __deepcopy__(self, _: Any) -> Answer:
        # Nothing of it can be changed.
        return self

    def __reduce__(self) -> Any:
        remedy = (
            'pickle what you need of it, for example answer.tables["NAME"].to_pandas() or answer.summary; '
            "or answer.save_study(FILE), which il2.run(FILE) runs again there"
        )
        raise ArgumentError("", "an answer cannot be pickled, nor sent to another process", remedy)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<il2.Answer: {', '.join(self.tables)}>"

    def _repr_html_(self) -> str:
        parts = [f"<p><b>{html.escape(self.question)}</b></p>"]
        parts += [f"<p>{html.escape(sentence)}</p>" for sentence in self.sentences]
        parts += [f"<p>&#9888; {html.escape(warning)}</p>" for warning in self.warnings]
        # As separate images, so that ids inside one figure do not collide with those of another.
        for figure in list(self.figures.values())[:MOST_FIGURES]:
            image = base64.b64encode(figure.svg.encode()).decode()
            name = html.escape(figure.name, quote=True)
            parts.append(f'<img alt="{name}" src="data:image/svg+xml;base64,{image}">')
        rest = len(self.figures) - MOST_FIGURES
        if rest > 0:
            parts.append(f"<p>{rest} more figures in <code>answer.figures</code></p>")
        rows = (f"{html.escape(t.name)} ({len(t)} rows)" for t in self.tables.values())
        parts.append(f"<p>Tables: {', '.join(rows)}</p>")
        return "".join(parts)


def _content(file: str) -> bytes:
    try:
        with open(file, "rb") as opened:
            return opened.read()
    except OSError as why:
        raise unreadable(why)(f"{file}: cannot be read ({why.strerror})", file=file) from why


class Plan:
    """What a study would run, and what is doubtful about it; nothing was run.

    Attributes
    ----------
    assays : dict
        For each assay ``simulations``, ``tables``, ``figures`` and ``warnings``.
    inputs : list of dict
        Every number behind it: ``kind``, ``of``, ``number``, ``name`` (by which fits, designs and sensitivities know
        it), ``value`` with unit, ``interval``, ``how`` it was obtained, ``source``.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        self.question: str = content["question"]
        self.seed: int = content["seed"]
        self.study_sha256: str = content["study_sha256"]
        self.notices: list[str] = content["notices"]
        self.assays: dict[str, dict[str, Any]] = content["assays"]
        self.inputs: list[dict[str, Any]] = content["inputs"]

    @property
    def simulations(self) -> int:
        """How many it would run."""
        return sum(assay["simulations"] for assay in self.assays.values())

    @property
    def warnings(self) -> list[str]:
        """What is doubtful before anything runs."""
        of_assays = (assay["warnings"] for assay in self.assays.values())
        return self.notices + [warning for some in of_assays for warning in some]

    def __str__(self) -> str:
        lines = [self.question]
        for name, assay in self.assays.items():
            tables = ", ".join(assay["tables"]) or "none"
            lines.append(f"{name}: {assay['simulations']} simulations; tables {tables}")
        lines += [f"! {warning}" for warning in self.warnings]
        return "\n".join([*lines, f"{len(self.inputs)} numbers behind it: plan.inputs"])

    def __repr__(self) -> str:
        return f"<il2.Plan: {self.simulations} simulations, {len(self.inputs)} numbers behind them>"

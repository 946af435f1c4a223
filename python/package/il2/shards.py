"""A study in parts, each of which may run on another machine, and the parts merged.

The same files on disk as of ``il2 run --shard`` and ``il2 merge``: a folder may have shards of both.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from . import _il2, wording
from . import progress as shown
from .answer import Answer, given_of, warned
from .arguments import path, whole

#: Largest number that is passed on; which of them are shards is said there.
LARGEST = 2**31


class Shard(NamedTuple):
    """What became of a shard."""

    #: Number of results that the shard has computed, now or before.
    results: int
    #: Number of these results left by an interrupted run.
    left: int
    #: Number of rounds completed now; 0 if the shard was already complete or has to wait.
    rounds: int
    #: Shards that the next round needs; empty if no round follows.
    waits_for: list[int]


def shard(
    study: str | os.PathLike[str] | Mapping[str, Any] | Answer,
    index: int,
    count: int,
    folder: str | os.PathLike[str],
    *,
    tables: Mapping[str, Any] | None = None,
    threads: int | None = None,
) -> Shard:
    """Work out a part of a study's simulations, as ``il2 run STUDY --shard INDEX/COUNT --out FOLDER`` does.

    A complete shard is left unchanged; a shard that was killed continues with the results that it had.

    Parameters
    ----------
    study, tables, threads
        As in :func:`il2.run`.
    index, count : int
        Which shard, from 1, of how many.
    folder : path
        The folder that all shards share.

    Returns
    -------
    Shard
        Where its ``waits_for`` is not empty, the remaining simulations need the results of those shards: call
        again when they are complete.

    Raises
    ------
    StudyError
        The study needs mending, nothing of it can be run in shards, or the folder has what is not of this run.
    FileError
        The folder cannot be written, or another run is writing this shard.

    Examples
    --------
    >>> import il2, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> study = {
    ...     "version": 1,
    ...     "question": "How potent is IL-2 on Treg?",
    ...     "ligands": {"il2": {"from": "il2"}},
    ...     "cells": {"treg": {"from": "treg"}},
    ...     "assay": {
    ...         "dose": {"kind": "dose-response", "doses": il2.grid("1 pM", "1 nM", 4), "times": ["1 h"]},
    ...     },
    ... }
    >>> parts = [il2.shard(study, index, 2, folder) for index in (1, 2)]
    >>> sum(part.results for part in parts)
    5
    >>> il2.merge(folder).tables["dose"].to_csv() == il2.run(study).tables["dose"].to_csv()
    True

    Wrong: shards are counted from 1.

    >>> il2.shard(study, 0, 2, folder)
    Traceback (most recent call last):
    il2.errors.StudyError: shard: 0 of 2 is not a shard; the index runs from 1 to the count, which is at most 100000
    """
    first = whole("index", index, LARGEST, -LARGEST) or 0
    last = whole("count", count, LARGEST, -LARGEST) or 0
    given, place = given_of(study, tables), path("folder", folder)
    with given.told():
        return Shard(*_il2.shard(*given.asked, place, first, last, whole("threads", threads)))


def merge(
    folder: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: bool | shown.Progress | None = None,
) -> Answer:
    """Put the shards of a folder together: the answer of a run in one piece.

    Parameters
    ----------
    folder : path
        The folder that the shards share.
    out : path, optional
        Folder to write, with the files that ``il2 run --out`` writes, the same bytes.
    threads, progress
        As in :func:`il2.run`.

    Raises
    ------
    StudyError
        A shard is missing, cut short, damaged or of another run; the error names it and says what to do.
    FileError
        The folder has no study, or ``out`` cannot be written.

    Examples
    --------
    Wrong: a folder into which no shard was written.

    >>> import il2, tempfile
    >>> il2.merge(tempfile.mkdtemp())
    Traceback (most recent call last):
    il2.errors.MissingFileError: ...study.json: cannot be read (there is no such file or folder); ...
    """
    place, count = path("folder", folder), whole("threads", threads)
    written = None if out is None else path("out", out)
    tell = shown.of(progress)
    try:
        with wording.told():
            ran = _il2.merge(place, count, written, tell)
    finally:
        if tell is not None:
            tell.end()
    warned(ran.notes)
    return Answer(ran)

"""The library, the networks of a study for other programs, and what a model in SBML conserves."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Literal, overload

from . import _il2, wording
from .answer import Answer, given_of
from .arguments import path
from .errors import ArgumentError, FileError, shown, unreadable

#: Languages in which networks are written.
LANGUAGES = ("sbml", "mrgsolve", "rxode2", "julia")


@overload
def library() -> dict[str, dict[str, str]]: ...
@overload
def library(entry: str) -> dict[str, Any]: ...
def library(entry: str | None = None) -> dict[str, Any]:
    """Ids and full names of everything in the library, by kind; or one entry with its numbers and their sources.

    Parameters
    ----------
    entry : str, optional
        An id: of a ligand, a cell, a model, a behaviour, a set of pharmacokinetics, a group of the patient's numbers,
        a tumour; or the key of a reference, as ``source`` gives it.

    Returns
    -------
    dict
        Of an entry: ``entry``, ``description``, ``caveats``, other entries with this id (``others``), and
        ``parameters``, each with ``value`` (with its unit), ``how`` it was obtained (measured, fitted, derived or
        assumed), ``source`` and ``note``.

    Examples
    --------
    >>> import il2
    >>> il2.library()["cells"]["treg"]
    'Regulatory T cell'
    >>> growth = il2.library("treg")["others"][0]["parameters"]["growth"]
    >>> sorted(growth)
    ['how', 'note', 'source', 'value']

    Wrong: an id that is not there.

    >>> il2.library("tregs")
    Traceback (most recent call last):
    il2.errors.StudyError: the library has no entry "tregs"; did you mean treg?
    """
    if entry is None:
        return json.loads(_il2.library())
    if not isinstance(entry, str):
        raise ArgumentError("entry", f"{shown(entry)} is not an id", 'write for example il2.library("treg")')
    with wording.told():
        return json.loads(_il2.entry(entry))


def export(
    study: str | os.PathLike[str] | Mapping[str, Any] | Answer,
    folder: str | os.PathLike[str] | None = None,
    *,
    language: Literal["sbml", "mrgsolve", "rxode2", "julia"] = "sbml",
    tables: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """The networks of a study in SBML (level 3 version 2), with units, events and the sources of their numbers; or
    their equations for another program.

    Parameters
    ----------
    study, tables
        As in :func:`il2.run`; also an answer.
    folder : path, optional
        Where they are written too, as ``il2 export STUDY --sbml FOLDER`` does; files that are there are kept, and
        refused.
    language : str
        ``"sbml"`` (default), or ``"mrgsolve"``, ``"rxode2"`` or ``"julia"``: equations and numbers in base units (pM,
        molecules per cell, cells, minutes), without events.

    Returns
    -------
    dict
        Text by the name of the file; empty where a study has no network.

    Examples
    --------
    >>> import il2
    >>> answer = il2.time_course("il2", "treg", doses="1 nM", times=["0 h", "1 h"])
    >>> models = il2.export(answer)
    >>> list(models), models["time_course.xml"][:5]
    (['time_course.xml'], '<?xml')
    """
    if language not in LANGUAGES:
        said = f"{shown(language)} is not a language of il2.export"
        raise ArgumentError("language", said, f"choose one of {', '.join(LANGUAGES)}")
    given = given_of(study, tables)
    with given.told():
        found = _il2.export(*given.asked, language)
    texts = {file: text for _, networks in found for file, _, text in networks}
    if folder is not None:
        where = path("folder", folder)
        for file, text in texts.items():
            _new(os.path.join(where, file), text)
    return texts


def _new(file: str, text: str) -> None:
    """Writes a file that is not there."""
    try:
        os.makedirs(os.path.dirname(file) or ".", exist_ok=True)
        with open(file, "x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as why:
        remedy = "move it away, or choose another folder"
        raise FileError(f"{file}: is there; {remedy}", remedy=remedy, file=file) from why
    except OSError as why:
        remedy = "choose another folder"
        said = f"{file}: cannot be written ({why.strerror}); {remedy}"
        raise unreadable(why)(said, remedy=remedy, file=file) from why


def audit(model: str | os.PathLike[str]) -> dict[str, Any]:
    """What a model in SBML conserves, where it loses mass, which units disagree, as ``il2 audit --json`` says.

    Parameters
    ----------
    model : path or str
        The file of the model, or its text.

    Returns
    -------
    dict
        ``conserved`` and ``conserved_by_rate_rules``: sums that do not change; ``findings``: each with its ``kind``,
        ``place`` and ``finding``, the most serious first. A finding is a fact about the file, for the reader to judge.

    Examples
    --------
    >>> import il2
    >>> model = next(iter(il2.export(il2.time_course("il2", "treg", doses="1 nM", times=["0 h", "1 h"])).values()))
    >>> sorted(il2.audit(model))
    ['conserved', 'conserved_by_rate_rules', 'findings', 'level', 'model', 'version']
    """
    with wording.told():
        if isinstance(model, str) and model.lstrip("\ufeff \n\r\t").startswith("<"):
            return json.loads(_il2.audit(None, model))
        return json.loads(_il2.audit(path("model", model), None))

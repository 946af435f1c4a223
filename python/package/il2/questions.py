"""The common questions as calls, more than 400 lines because each has its examples.

Each writes a study of one assay and runs it.

Every function takes, beside its own parameters,

- any other key of its assay by its name in the study format;
- parts of the study that it does not name: ``models``, ``culture`` (the medium; not of :func:`culture`),
  ``regimens``, ``solver``, ``panel``, ``figures``, ``output``, ``question``;
- ``threads``, ``seed``, ``out``, ``progress``, ``tables`` of :func:`il2.run`.

All of them are in signature and docstring, where they follow the schema of studies in place of ``**keys``.

Ligands and cells are ids of the library (``il2.library()``), one or a list. One with keys of its own needs a name,
which a dict gives it: ``{"drug": {"from": "il2", "affinity": {...}}}``, also where there is one alone.
Quantities are text with a unit (``"100 pM"``), a pair (``(100, "pM")``) or a quantity of pint; several are a list, an
array with its unit (``([1, 10, 100], "pM")``), a column of a frame with its unit (``(frame["dose"], "pM")``), or
:func:`il2.grid`. A table is a path, a frame of pandas or polars, a ``pyarrow.Table``, a table of an answer, or a dict
of columns; an index with names becomes columns. `Answer.study` shows the study that came of a call, and
`Answer.save_study` writes it with its tables.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from .answer import Answer
from .arguments import by_name, parts, path, several, spaced, stat5_of
from .calls import ask, do, given_in, question, said
from .errors import ArgumentError, shown

#: How one part of each kind looks, with its name, for messages.
REGIMEN = '{"low_dose": {"ligand": "aldesleukin", "dose": "1 MIU/m2", "route": "subcutaneous"}}'
KIND = '{"treg": {"cells": "200000 cells"}}'
ARM = '{"control": {}, "treated": {"regimen": "low_dose"}}'
MEASURED = '{"plate": {"table": frame, "of": "wells", "units": {"dose": "nM", "time": "min"}}}'
OBJECTIVE = '{"potency": {"goal": "minimise", "of": "ec50", "cells": ["treg"]}}'

#: One id, several ids, or names with ids or parts.
Some = str | Sequence[str] | Mapping[str, Any]
#: Receptor model: its name, or its part of the study.
Model = str | Mapping[str, Any] | None
#: One quantity, several quantities, or a grid.
Quantities = Any


@question
def dose_response(
    ligands: Some,
    cells: Some,
    *,
    doses: Quantities,
    times: Quantities,
    readout: str | None = None,
    model: Model = None,
    stat5: bool | str = False,
    intervals: int | Mapping[str, Any] | None = None,
    **keys: Any,
) -> Answer:
    """Each ligand alone on each cell over a range of doses: responses and EC50s.

    Parameters
    ----------
    ligands, cells
        Ids of the library, or names with ids or parts.
    doses
        A list of concentrations, or :func:`il2.grid`.
    times
        When it is read, one or several, also :func:`il2.grid`.
    readout : str, optional
        What is read; signalling complexes if left out, ``"pstat5"`` with ``stat5``.
    model : str or dict, optional
        A model of receptors, ``"gamma-chain"`` if left out.
    stat5 : bool or str
        Whether pSTAT5 follows the receptor; ``"gcsolver-jl"`` for the equations published with gcSolver.jl.
    intervals : int or dict, optional
        Draws behind 95 % intervals, 10 to 2000.
    **keys
        Other keys of the assay and of the study.

    Examples
    --------
    Right:

    >>> import il2
    >>> answer = il2.dose_response(
    ...     ["il2", "v91k-c-fc"], ["treg", "nk"], doses=il2.grid("1 pM", "1 uM", 13), times="1 h"
    ... )
    >>> table = answer.tables["dose_response_ec50"]
    >>> table.units["ec50_pm"], len(table)
    ('pM', 4)

    Wrong: a dose without a unit.

    >>> il2.dose_response("il2", "treg", doses=["1 pM", 10], times="1 h")
    Traceback (most recent call last):
    il2.errors.StudyError: assay.dose_response.doses, item 2: "10" has no unit; write for example "10 pM"
    """
    if intervals is not None and not isinstance(intervals, Mapping):
        intervals = {"draws": intervals}
    stat5 = stat5_of(stat5)
    if stat5 and readout is None:
        readout = "pstat5"
    own = {
        "doses": several("doses", doses, "pM"),
        "times": several("times", spaced(times), "h"),
        "readout": readout,
        "intervals": intervals,
    }
    ligands, cells = parts("ligands", ligands, "il2"), parts("cells", cells, "treg")
    asks = f"What {do(ligands)} {said(ligands)} do to {said(cells)}?"
    return ask("dose-response", asks, own, ligands, cells, keys, model=model, stat5=stat5)


@question
def time_course(
    ligands: Some,
    cells: Some,
    *,
    times: Quantities,
    doses: Quantities = None,
    mixture: Mapping[str, Any] | None = None,
    pulse: Any = None,
    show: Sequence[str] | None = None,
    model: Model = None,
    stat5: bool | str = False,
    **keys: Any,
) -> Answer:
    """Every species and observable over time; with ``pulse`` the medium is washed off after it.

    The tables are named ``time_course``, or ``washout`` where there is a ``pulse``. A time course has no intervals;
    :func:`dose_response` with several times and ``intervals`` gives the response at each time with its interval.

    Parameters
    ----------
    ligands, cells
        Ids of the library, or names with ids or parts.
    times
        A list of times, or :func:`il2.grid`.
    doses
        Concentrations of each ligand alone; this or ``mixture``.
    mixture : dict, optional
        Concentration by ligand, of one medium with all of them.
    pulse
        How long the ligand stays on the cells before it is washed off; the assay and its tables are then called
        ``washout``.
    show : list of str, optional
        What the figure and the sentences show, ``["pstat5"]`` with ``stat5``; the table has all.
    model, stat5
        As in :func:`dose_response`.
    **keys
        Other keys of the assay and of the study, for example ``culture={"volume": "0.2 mL", "cells": "200000
        cells"}`` for a ligand that cells use up.

    Examples
    --------
    Right:

    >>> import il2
    >>> answer = il2.time_course(
    ...     "il2", "treg", doses="100 pM", times=il2.grid("0 h", "24 h", 25),
    ...     culture={"volume": "0.2 mL", "cells": "200000 cells"},
    ... )
    >>> left = answer.tables["time_course"]["il2_medium_pm"]
    >>> bool(left[-1] < left[0])
    True

    Washed off after ten minutes, with pSTAT5:

    >>> answer = il2.time_course(
    ...     "il2", "treg", doses="1 nM", times=["0 h", "1 h", "2 h"], pulse="10 min", stat5=True
    ... )
    >>> list(answer.tables)
    ['washout']

    Wrong: a volume where an amount of cells is asked for.

    >>> il2.time_course(
    ...     "il2", "treg", doses="100 pM", times=["0 h", "24 h"],
    ...     culture={"volume": "0.2 mL", "cells": "200 uL"},
    ... )
    Traceback (most recent call last):
    il2.errors.StudyError: culture.cells: "200 uL" is a volume; a number of cells is needed here, ...
    """
    stat5 = stat5_of(stat5)
    if stat5 and show is None:
        show = ["pstat5"]
    own = {
        "times": several("times", times, "h"),
        "doses": several("doses", doses, "pM"),
        "mixture": mixture,
        "pulse": pulse,
        "show": show,
    }
    kind = "time-course" if pulse is None else "washout"
    ligands, cells = parts("ligands", ligands, "il2"), parts("cells", cells, "treg")
    asks = f"What happens over time to {said(cells)} with {said(ligands)}?"
    return ask(kind, asks, own, ligands, cells, keys, model=model, stat5=stat5)


@question
def culture(
    kinds: Mapping[str, Mapping[str, Any]],
    *,
    volume: Any,
    times: Quantities,
    ligands: Some = "il2",
    cells: Some | None = None,
    mixture: Mapping[str, Any] | None = None,
    model: Model = None,
    **keys: Any,
) -> Answer:
    """Several kinds of cells in one well: who binds, uses up, makes and divides.

    Parameters
    ----------
    kinds : dict
        By name: ``cells`` (how many), ``cell`` (which; the name itself if left out), ``behaviour``, ...
    volume
        Of the medium.
    times
        A list of times, or :func:`il2.grid`.
    ligands, cells
        As in :func:`dose_response`; cells are those that the kinds name if left out.
    mixture : dict, optional
        Concentration by ligand at the beginning.
    model : str or dict, optional
        A model of receptors, as in :func:`dose_response`; pSTAT5 always follows.
    **keys
        Other keys of the assay and of the study.

    Examples
    --------
    Right:

    >>> import il2
    >>> answer = il2.culture(
    ...     {"treg": {"cells": "200000 cells"}, "nk": {"cells": "50000 cells"}},
    ...     volume="0.2 mL", mixture={"il2": "100 pM"}, times=il2.grid("0 h", "24 h", 13),
    ... )
    >>> "culture" in answer.tables
    True

    Wrong: cells that are not in the library.

    >>> il2.culture({"tregs": {"cells": "200000 cells"}}, volume="0.2 mL", times=["1 h", "2 h"])
    Traceback (most recent call last):
    il2.errors.StudyError: cells.tregs.from: ...
    """
    by_name("kinds", "kind of cells", kinds, KIND)
    if cells is None:
        cells = list(dict.fromkeys(str(kind.get("cell", name)) for name, kind in kinds.items()))
    own = {"kinds": kinds, "volume": volume, "times": several("times", times, "h"), "mixture": mixture}
    ligands, cells = parts("ligands", ligands, "il2"), parts("cells", cells, "treg")
    asks = f"Which cells take up {said(ligands)} in a well of {said(cells)}?"
    return ask("culture", asks, own, ligands, cells, keys, model=model)


@question
def regimen(
    regimens: Mapping[str, Mapping[str, Any]],
    *,
    times: Quantities,
    patients: int | None = None,
    ligands: Some | None = None,
    show: Sequence[str] | None = None,
    **keys: Any,
) -> Answer:
    """Patients under regimens, each regimen an arm of the same patients.

    Parameters
    ----------
    regimens : dict
        By name: ``ligand``, ``dose``, ``route``, ``every``, ``doses``, ...
    times
        A list of times, or :func:`il2.grid`.
    patients : int, optional
        How many an arm has; the typical one alone if left out.
    ligands
        Ids or parts; those that the regimens name if left out.
    show : list of str, optional
        What the figure shows; the tables have all.
    **keys
        Other keys of the assay and of the study.

    Examples
    --------
    Right:

    >>> import il2
    >>> low_dose = {
    ...     "ligand": "aldesleukin", "dose": "1 MIU/m2", "route": "subcutaneous", "every": "1 d", "doses": 5,
    ... }
    >>> answer = il2.regimen({"low_dose": low_dose}, times=il2.grid("0 d", "10 d", 11))
    >>> answer.tables["regimen"].units["time_d"]
    'd'

    Wrong: a route that does not exist.

    >>> il2.regimen({"low_dose": low_dose | {"route": "oral"}}, times=["0 d", "10 d"])
    Traceback (most recent call last):
    il2.errors.StudyError: regimens.low_dose.route: ...
    """
    by_name("regimens", "regimen", regimens, REGIMEN)
    own = {"times": several("times", times, "d"), "patients": patients, "show": show}
    asks = f"What {do(regimens)} {said(regimens)} do to patients?"
    ligands = given_in(regimens) if ligands is None else ligands
    return ask("regimen", asks, own, ligands, None, keys, regimens=regimens)


@question
def event_table(
    table: Any,
    *,
    model: str,
    units: Mapping[str, str],
    parameters: Mapping[str, Any] | None = None,
    ligand: Some | None = None,
    **keys: Any,
) -> Answer:
    """Doses and observations line by line, as NONMEM reads them.

    Parameters
    ----------
    table : path, frame or dict of columns
        With NONMEM's columns: ID, TIME, AMT, EVID, CMT, RATE, ADDL, II, SS, ...
    model : str
        ``"one-compartment"``, ``"two-compartment"`` or ``"three-compartment"``, each also with ``-oral``, or
        ``"patient"``.
    units : dict
        Of the numbers of the table: ``time``, ``amount``, and where needed ``volume`` and ``concentration``.
    parameters : dict, optional
        Numbers of the model that no column gives.
    ligand, optional
        Of a patient: an id of the library, or one name with its part.
    **keys
        Other keys of the assay and of the study; ``columns`` gives a name in the
        table its meaning, ``{"T": "TIME"}``.

    Examples
    --------
    Right:

    >>> import il2
    >>> doses = {"ID": [1, 1, 1], "TIME": [0, 1, 4], "AMT": [18, 0, 0], "EVID": [1, 0, 0]}
    >>> answer = il2.event_table(
    ...     doses, model="one-compartment", units={"time": "h", "amount": "MIU", "concentration": "IU/mL"},
    ...     parameters={"clearance": "7 L/h", "volume": "5 L"},
    ... )
    >>> levels = answer.tables["event_table"]["concentration_iu_per_ml"]
    >>> bool(levels[1] > levels[2] > 0)
    True

    Wrong: no unit of amounts.

    >>> il2.event_table(doses, model="one-compartment", units={"time": "h"})
    Traceback (most recent call last):
    il2.errors.StudyError: assay.event_table.units.amount: ...
    """
    own = {"table": table, "model": model, "units": units, "parameters": parameters}
    if ligand is not None:
        ligand = parts("ligand", ligand, "aldesleukin")
        own["ligand"] = next(iter(ligand))
    asks = f"What are the levels after these doses under the model {model}?"
    return ask("event-table", asks, own, ligand, None, keys)


@question
def noncompartmental(table: Any, *, route: str, units: Mapping[str, str], **keys: Any) -> Answer:
    """Numbers of measured levels without a model: highest level, area, half-life, clearance.

    Parameters
    ----------
    table : path, frame or dict of columns
        With NONMEM's columns: ID, TIME, AMT, DV, ...
    route : str
        ``"extravascular"`` or ``"intravenous"``.
    units : dict
        Of the numbers of the table.
    **keys
        Other keys of the assay and of the study; ``columns`` as in :func:`event_table`.

    Examples
    --------
    Right:

    >>> import il2
    >>> levels = {
    ...     "ID": [1] * 5, "TIME": [0, 1, 2, 4, 8], "AMT": [100, None, None, None, None],
    ...     "EVID": [1, 0, 0, 0, 0], "DV": [None, 8, 6, 3.4, 1.1],
    ... }
    >>> units = {"time": "h", "amount": "mg", "concentration": "mg/L"}
    >>> answer = il2.noncompartmental(levels, route="intravenous", units=units)
    >>> bool(2 < answer.tables["noncompartmental"]["half_life_h"][0] < 3)
    True

    Wrong: a route that does not exist.

    >>> il2.noncompartmental(levels, route="iv", units=units)
    Traceback (most recent call last):
    il2.errors.StudyError: assay.noncompartmental.route: ...
    """
    own = {"table": table, "route": route, "units": units}
    asks = "What exposure, half-life, clearance and volume do the measured concentrations show?"
    return ask("noncompartmental", asks, own, None, None, keys)


@question
def population_fit(
    table: Any,
    *,
    model: str,
    units: Mapping[str, str],
    parameters: Mapping[str, Any],
    residual: Mapping[str, Any] | None = None,
    ligand: Some | None = None,
    **keys: Any,
) -> Answer:
    """Typical numbers, variability between subjects and scatter, fitted to the levels of each.

    Parameters
    ----------
    table : path, frame or dict of columns
        With NONMEM's columns; DV is fitted on lines with EVID 0.
    model : str
        As in :func:`event_table`.
    units : dict
        Of the numbers of the table.
    parameters : dict
        By number of the model: ``start``, ``between_subjects``, ...
    residual : dict, optional
        Which error it is, with its start: ``additive``, ``proportional``, both, or ``logarithmic``. A table of several
        measured quantities has ``observed`` in its place.
    ligand, optional
        Of a patient: an id of the library, or one name with its part.
    **keys
        Other keys of the assay and of the study; ``columns`` as in
        :func:`event_table`.

    Examples
    --------
    Right:

    >>> import il2, math
    >>> lines = [(person, time) for person in range(1, 7) for time in (0, 1, 2, 4, 8)]
    >>> levels = {
    ...     "ID": [person for person, _ in lines],
    ...     "TIME": [time for _, time in lines],
    ...     "AMT": [100 if time == 0 else None for _, time in lines],
    ...     "EVID": [int(time == 0) for _, time in lines],
    ...     "DV": [3.3 * math.exp(-(0.2 + 0.02 * p) * t) * (1 + 0.05 * (-1) ** (p + t)) for p, t in lines],
    ... }
    >>> fit = dict(
    ...     model="one-compartment", units={"time": "h", "amount": "mg", "concentration": "mg/L"},
    ...     parameters={
    ...         "clearance": {"start": "5 L/h", "between_subjects": 0.3}, "volume": {"start": "20 L"},
    ...     },
    ...     residual={"proportional": 0.1}, simulations=0,
    ... )
    >>> found = il2.population_fit(levels, **fit).tables["population_fit"]
    >>> dict(zip(found["parameter"], found["estimate"].round().tolist()))["volume"]
    30.0

    Wrong: a table that is not there.

    >>> il2.population_fit("nowhere.csv", **fit)
    Traceback (most recent call last):
    il2.errors.MissingFileError: assay.population_fit.table: nowhere.csv: ...
    """
    example = '{"clearance": {"start": "5 L/h", "between_subjects": 0.3}}'
    by_name("parameters", "parameter", parameters, example)
    own = {
        "table": table,
        "model": model,
        "units": units,
        "parameters": parameters,
        "residual": residual,
    }
    if ligand is not None:
        ligand = parts("ligand", ligand, "aldesleukin")
        own["ligand"] = next(iter(ligand))
    asks = f"How {'is' if len(parameters) == 1 else 'are'} {said(parameters)} distributed among the subjects?"
    return ask("population-fit", asks, own, ligand, None, keys)


@question
def fit(
    parameters: Mapping[str, Any],
    measured: Mapping[str, Mapping[str, Any]],
    *,
    ligands: Some | None = None,
    cells: Some | None = None,
    regimens: Mapping[str, Mapping[str, Any]] | None = None,
    **keys: Any,
) -> Answer:
    """Numbers of a model, estimated from tables of measurements.

    Parameters
    ----------
    parameters : dict
        By name: ``{"prior": [low, high]}``, the range that holds 95 % of what is thought possible before. Names are
        ``NAME.affinity.CHAIN`` of a ligand, ``NAME.receptors.CHAIN`` of a cell, and those of the model and the
        patient: ``name`` in ``il2.check(study).inputs``.
    measured : dict
        By name, one for each table:

        - ``table``: path, frame or dict of columns;
        - ``of``: ``"wells"`` (a plate: columns ``cell``, ``time``, ``dose``, ``value``, and ``ligand`` if there are
          several) or ``"patients"`` (``regimen``, ``readout``, ``time``, and ``value`` or ``low`` and ``high``);
        - ``units``: of the columns ``dose``, ``time``, ``value``;
        - ``columns``: by meaning, the name in the table: ``{"value": "RFU"}`` (in :func:`event_table` and
          :func:`population_fit` it is the other way round, as in NONMEM);
        - ``readout``: what wells show, for example ``"signalling_complexes"``;
        - ``cells``, ``ligands``, ``regimens``: by each word of the table, the name in the call:
          ``{"NK cells": "nk"}``;
        - ``scale``: for values in units of their own (fluorescence), the columns for each of whose combinations there
          is a factor, ``[]`` for one in all; ``background``: True if the value is not zero where the readout is;
        - ``error``, ``held_out``, ``culture``: as in the study format.
    ligands, cells
        As in :func:`dose_response`; ligands are those that the regimens name if left out.
    regimens : dict, optional
        As in :func:`regimen`.
    **keys
        Other keys of the assay and of the study.

    Examples
    --------
    Right: a plate, fluorescence of NK cells at seven doses, here without chains.

    >>> import il2
    >>> plate = {
    ...     "cell": ["NK cells"] * 7, "time_min": [60] * 7, "dose_nM": [0, 1, 3.16, 10, 31.6, 100, 1000],
    ...     "RFU": [38.6, 134, 344, 706, 1080, 1220, 1620],
    ... }
    >>> wells = {
    ...     "table": plate, "of": "wells", "readout": "signalling_complexes",
    ...     "columns": {"time": "time_min", "dose": "dose_nM", "value": "RFU"},
    ...     "units": {"dose": "nM", "time": "min"}, "cells": {"NK cells": "nk"}, "scale": [], "background": True,
    ... }
    >>> quick = dict(starts=1, chains=0, solver={"relative_tolerance": 1e-4})
    >>> answer = il2.fit(
    ...     {"mutein.affinity.il2r_beta": {"prior": ["10 nM", "10 uM"]}}, {"pstat5": wells},
    ...     ligands={"mutein": "il2-cd25-blind"}, cells="nk", **quick,
    ... )
    >>> found = answer.tables["fit_parameters"]
    >>> bool(800 < dict(zip(found["unknown"], found["best"]))["mutein.affinity.il2r_beta"] < 1400)
    True

    Results of trials:

    >>> low_dose = {
    ...     "ligand": "aldesleukin", "dose": "1 MIU/m2", "route": "subcutaneous", "every": "1 d", "doses": 28,
    ... }
    >>> rows = {
    ...     "regimen": ["low_dose"] * 2, "readout": ["treg_fold", "nk_fold"], "time": [28, 28],
    ...     "low": [5, 4], "high": [10, 8],
    ... }
    >>> measured = {"counts": {"table": rows, "of": "patients", "units": {"time": "d"}}}
    >>> prior = {"treg.growth": {"prior": ["0.1 /d", "1.5 /d"]}}
    >>> answer = il2.fit(prior, measured, regimens={"low_dose": low_dose}, **quick)
    >>> "fit_parameters" in answer.tables
    True

    Wrong: a prior without units.

    >>> il2.fit({"treg.growth": {"prior": ["0.1", "1.5"]}}, measured, regimens={"low_dose": low_dose})
    Traceback (most recent call last):
    il2.errors.StudyError: assay.fit.parameters.treg.growth.prior, item 1: ...
    """
    by_name("parameters", "parameter", parameters, '{"treg.growth": {"prior": ["0.1 /d", "1.5 /d"]}}')
    by_name("measured", "table", measured, MEASURED)
    own = {"parameters": parameters, "measured": measured}
    if regimens is not None:
        by_name("regimens", "regimen", regimens, REGIMEN)
    if ligands is None and regimens is not None:
        ligands = given_in(regimens)
    asks = f"Which values of {said(parameters)} do the measurements support?"
    return ask("fit", asks, own, ligands, cells, keys, regimens=regimens)


@question
def design(
    ligand: str,
    objectives: Mapping[str, Mapping[str, Any]],
    *,
    parameters: Mapping[str, Any],
    cells: Some,
    ligands: Some | None = None,
    doses: Quantities = None,
    time: Any = None,
    model: Model = None,
    stat5: bool | str = False,
    **keys: Any,
) -> Answer:
    """Search for molecules: the Pareto front of designs.

    Parameters
    ----------
    ligand : str
        The molecule that is changed.
    objectives : dict
        By name: ``goal``, ``of``, ``cells``, ``at_least``, ...
    parameters : dict
        By name: the range that can be reached, or ``"usual"``.
    cells, ligands
        As in :func:`dose_response`; the one that is changed if ligands are left out.
    doses, time, model, stat5
        As in :func:`dose_response`; with ``stat5`` the readout is pSTAT5 if no other ``readout`` is given.
    **keys
        Other keys of the assay and of the study.

    Examples
    --------
    Right:

    >>> import il2
    >>> wanted = dict(
    ...     objectives={
    ...         "selectivity": {"goal": "maximise", "of": "selectivity", "cells": ["treg", "nk"]},
    ...         "potency": {"goal": "minimise", "of": "ec50", "cells": ["treg"]},
    ...     },
    ...     cells=["treg", "nk"], doses=il2.grid("1 pM", "1 uM", 7), time="1 h", candidates=40, designs=3,
    ... )
    >>> answer = il2.design("il2", parameters={"il2.affinity.il2r_beta": "usual"}, **wanted)
    >>> len(answer.tables) > 0
    True

    Wrong: a number that molecules do not have.

    >>> il2.design("il2", parameters={"il2.affinity.beta": "usual"}, **wanted)
    Traceback (most recent call last):
    il2.errors.StudyError: assay.design.parameters.il2.affinity.beta: ...
    """
    if not isinstance(ligand, str):
        found = f"{shown(ligand)} is not the name of a molecule"
        raise ArgumentError(
            "ligand", found, 'write its name, for example ligand="mine" with ligands={"mine": {...}}'
        )
    by_name("objectives", "objective", objectives, OBJECTIVE)
    by_name("parameters", "parameter", parameters, '{"il2.affinity.il2r_beta": "usual"}', whole=False)
    stat5 = stat5_of(stat5)
    if stat5 and "readout" not in keys:
        keys = {**keys, "readout": "pstat5"}
    own = {
        "ligand": ligand,
        "objectives": objectives,
        "parameters": parameters,
        "doses": several("doses", doses, "pM"),
        "time": time,
    }
    asks = f"Which molecules similar to {ligand} meet the goals?"
    ligands = ligand if ligands is None else ligands
    return ask("design", asks, own, ligands, cells, keys, model=model, stat5=stat5)


@question
def trial(
    disease: str,
    arms: Mapping[str, Mapping[str, Any]],
    *,
    patients: int,
    follow_up: Any,
    regimens: Mapping[str, Mapping[str, Any]] | None = None,
    ligands: Some | None = None,
    **keys: Any,
) -> Answer:
    """Arms of patients with a tumour: responses, survival, and how often a difference is found.

    Parameters
    ----------
    disease : str
        ``"melanoma"`` or ``"renal-cell-carcinoma"``: ``il2.library()["diseases"]`` lists them.
    arms : dict
        By name, the control first: ``regimen``, ``courses``, ``course``, ``partners``, ...; ``{}`` for none of them.
    patients : int
        In all arms together: 120 in two arms are 60 in each, unless ``ratio`` divides them otherwise.
    follow_up
        How long the last patient to enter is followed.
    regimens : dict, optional
        As in :func:`regimen`.
    ligands
        Those that the regimens name if left out.
    **keys
        Other keys of the assay and of the study.

    Examples
    --------
    Right:

    >>> import il2
    >>> high_dose = {
    ...     "ligand": "aldesleukin", "dose": "720000 IU/kg", "route": "infusion", "duration": "15 min",
    ...     "every": "8 h", "doses": 12,
    ... }
    >>> trial = dict(patients=10, follow_up="1 y", regimens={"high_dose": high_dose}, criteria="recist")
    >>> arm = {"regimen": "high_dose", "courses": 1, "course": "21 d"}
    >>> answer = il2.trial("melanoma", {"one": arm, "two": arm | {"courses": 2}}, **trial)
    >>> "trial" in answer.tables
    True

    Wrong: an arm of a regimen that was not given.

    >>> il2.trial("melanoma", {"one": {"regimen": "low_dose"}}, **trial)
    Traceback (most recent call last):
    il2.errors.StudyError: assay.trial.arms.one.regimen: ...
    """
    by_name("arms", "arm", arms, ARM)
    if regimens is not None:
        by_name("regimens", "regimen", regimens, REGIMEN)
    own = {"disease": disease, "arms": arms, "patients": patients, "follow_up": follow_up}
    if ligands is None and regimens is not None:
        ligands = given_in(regimens)
    asks = f"How do the arms {said(arms)} compare in {disease}?"
    if len(arms) == 1:
        asks = f"What becomes of the patients of the arm {said(arms)} in {disease}?"
    return ask("trial", asks, own, ligands, None, keys, regimens=regimens)


@question
def sbml(model: str | os.PathLike[str], *, end: float, **keys: Any) -> Answer:
    """A model in SBML, simulated as it is.

    Parameters
    ----------
    model : path
        The file of the model.
    end : float
        End time in the time unit of the model.
    **keys
        Other keys of the assay and of the study.

    Examples
    --------
    Right:

    >>> import il2, os, tempfile
    >>> source = il2.time_course("il2", "treg", doses="1 nM", times=["0 h", "1 h"])
    >>> folder = tempfile.mkdtemp()
    >>> files = il2.export(source, folder)
    >>> answer = il2.sbml(os.path.join(folder, "time_course.xml"), end=60, points=5, show=["il2r_alpha_bound"])
    >>> len(answer.tables["sbml"])
    5

    Wrong: a file that is not there.

    >>> il2.sbml("nowhere.xml", end=60)
    Traceback (most recent call last):
    il2.errors.MissingFileError: assay.sbml.model: nowhere.xml: ...
    """
    where = path("model", model)
    own = {"model": where, "end": end}
    asks = f"What does the model {os.path.basename(where)} do until time {end:g}?"
    return ask("sbml", asks, own, None, None, keys)

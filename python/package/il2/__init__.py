"""The interleukin-2 system: molecules, cells, wells, patients, fits, designs and trials.

Every number has a unit, ``"100 pM"``; every number of biology comes from a library with its source. Answers come
back as named columns with units and as figures.

>>> import il2
>>> answer = il2.dose_response(["il2", "v91k-c-fc"], "treg", doses=il2.grid("1 pM", "1 uM", 13), times="1 h")
>>> frame = answer.tables["dose_response_ec50"].to_pandas()
>>> list(frame["ligand"])
['il2', 'v91k-c-fc']
"""

import importlib
from typing import TYPE_CHECKING

from ._il2 import PROGRAM
from .answer import Answer, Figure, Plan
from .errors import (
    ArgumentError,
    Error,
    FileError,
    InternalError,
    MissingFileError,
    ModelError,
    StudyError,
    near,
)
from .models import audit, export, library
from .questions import (
    culture,
    design,
    dose_response,
    event_table,
    fit,
    noncompartmental,
    population_fit,
    regimen,
    sbml,
    time_course,
    trial,
)
from .shards import Shard, merge, shard
from .studies import check, grid, run
from .tables import Table
from .units import define_units

__version__ = PROGRAM.split()[-1]


if TYPE_CHECKING:
    from . import dask
else:

    def __getattr__(name: str) -> object:
        # Makes `import il2` sufficient for `il2.dask.run`, at no cost if it is not used.
        if name == "dask":
            return importlib.import_module(".dask", __name__)
        close = near(name, __all__)
        hint = f"; did you mean il2.{close}?" if close else "; dir(il2) lists what there is"
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__version__", "dask"]


__all__ = [
    "Answer",
    "ArgumentError",
    "Error",
    "Figure",
    "FileError",
    "InternalError",
    "MissingFileError",
    "ModelError",
    "Plan",
    "Shard",
    "StudyError",
    "Table",
    "audit",
    "check",
    "culture",
    "define_units",
    "design",
    "dose_response",
    "event_table",
    "export",
    "fit",
    "grid",
    "library",
    "merge",
    "noncompartmental",
    "population_fit",
    "regimen",
    "run",
    "sbml",
    "shard",
    "time_course",
    "trial",
]

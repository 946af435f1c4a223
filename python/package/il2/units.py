"""Units of tables for other packages."""

from __future__ import annotations

from typing import Any

#: Units that columns have and pint does not know, as pint defines them.
DEFINITIONS = (
    ("cell", "cell = [cell] = _ = cells"),
    ("IU", "international_unit = [international_unit] = IU"),
)


def define_units(registry: Any = None) -> Any:
    """A registry of pint that reads every unit of a table: it also has cells and international units.

    Parameters
    ----------
    registry : pint.UnitRegistry, optional
        The one that gets these units; a new one if left out.

    Examples
    --------
    >>> import il2                                          # doctest: +SKIP
    >>> units = il2.define_units()                          # doctest: +SKIP
    >>> units.Quantity(table["dose_pm"], table.units["dose_pm"]).to("nM")    # doctest: +SKIP
    """
    if registry is None:
        import pint

        registry = pint.UnitRegistry()
    for name, definition in DEFINITIONS:
        if name not in registry:
            registry.define(definition)
    return registry

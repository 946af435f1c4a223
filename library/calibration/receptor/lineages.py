#!/usr/bin/env python3
"""Leaves each lineage of blood cells out of the fit, and asks how wide intervals must be to hold what it measured.

    python3 tables.py FOLDER/pSTAT_data.csv
    python3 lineages.py OUT [IL2]

The ten kinds of cells of study.toml are four lineages (`lineage` in cells.toml) and their naive and memory gates, from
the same wells: a gate is no test of its own lineage. For each lineage a folder of OUT gets study.toml with its gates
held out of the EC50s and gone from the wells and the saturated ratios, whose factors they would need. IL2 (`il2`, if
not given) fits it, and everything, and runs all ten cells with draws of the shipped posterior, once without the
experiment factor, once with it. Folders that are there already are read, not fitted again: a quarter of an hour on two
cores. Printed: errors of what was left out; which spread of the experiment factor makes 90 % intervals hold 90 % of it,
and which part of that a ratio of two ligands on one cell needs (`part_of_molecule` of the posterior); what intervals
hold of a lineage when both were set by the three others; what the shipped intervals hold. What was predicted of each
lineage from the others goes to lineages.csv beside this file, which a test of the program reads.
"""

import csv
import math
import pathlib
import re
import statistics
import subprocess
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
LEVEL = 0.9
Z = statistics.NormalDist().inv_cdf(0.5 + LEVEL / 2)
RUN = """version = 1
question = "How wide are the intervals of what was measured?"
{parts}
[models.fitted]
from = "gamma-chain"
stat5 = true
{set}

[assay.draws]
kind = "dose-response"
model = "fitted"
readout = "pstat5"
doses = {{ from = "0.1 pM", to = "2 uM", points = 37 }}
times = ["30 min", "1 h", "2 h", "4 h"]
reference_cell = "treg"
intervals = {{ draws = 400, level = {level} }}
"""


def table(path: pathlib.Path) -> list[dict]:
    with path.open(newline="") as source:
        return list(csv.DictReader(source))


def filtered(name: str, target: pathlib.Path, column: str, drop: set[str]) -> None:
    rows = table(HERE / name)
    with (target / name).open("w", newline="") as made:
        writer = csv.DictWriter(made, rows[0].keys())
        writer.writeheader()
        writer.writerows(row for row in rows if row[column] not in drop)


def lineages(gates: dict[str, str]) -> dict[str, list[str]]:
    cells = tomllib.loads((HERE.parent.parent / "cells.toml").read_text())
    found: dict[str, list[str]] = {}
    for cell in gates.values():
        found.setdefault(cells[cell]["lineage"], []).append(cell)
    return found


def without(study: str, gates: dict[str, str], left_out: list[str], target: pathlib.Path) -> None:
    """Writes the study and its tables without the gates of a lineage."""
    target.mkdir(parents=True)
    words = {word for word, cell in gates.items() if cell in left_out}
    for path in HERE.glob("*.csv"):
        if path.name not in ("pbmc.csv", "saturated.csv"):
            (target / path.name).write_bytes(path.read_bytes())
    filtered("pbmc.csv", target, "cell_type", words)
    filtered("saturated.csv", target, "cell", set(left_out))
    kept = ", ".join(f'"{word}" = "{cell}"' for word, cell in gates.items() if word not in words)
    study = re.sub(r'^cells = \{ "CD8\+".*\}$', f"cells = {{ {kept} }}", study, flags=re.M)
    held = ", ".join(f'"{cell}"' for cell in left_out)
    ec50s = 'table = "pbmc_ec50.csv"\n'
    assert ec50s in study
    if left_out:
        study = study.replace(ec50s, f"{ec50s}held_out = {{ cell = [{held}] }}\n")
    (target / "study.toml").write_text(study)


def fitted(program: str, folder: pathlib.Path) -> list[dict]:
    if not (folder / "out/receptor_predictions.csv").exists():
        subprocess.run([program, "fit", folder / "study.toml", "--out", folder / "out"], check=True)
    return table(folder / "out/receptor_predictions.csv")


def of_left_out(rows: list[dict]) -> dict[tuple, float]:
    """Logarithm of predicted over measured EC50 of what was left out."""
    rows = [r for r in rows if r["table"] == "pbmc_ec50" and r["row_is"] == "predicted"]
    # One that the model never reaches would be a miss without a size; there was none.
    assert rows and all(r["best"] for r in rows)
    return {key(r, "given"): math.log(float(r["best"]) / float(r["measured"])) for r in rows}


def key(row: dict, ligand: str) -> tuple:
    return row[ligand], row["cell"], float(row["time_min"])


def drawn(program: str, folder: pathlib.Path, gates: dict[str, str], factor: bool) -> dict[tuple, dict]:
    """EC50s of the shipped model and their intervals, with or without the experiment factor."""
    if not (folder / "out/draws_ec50.csv").exists():
        folder.mkdir(parents=True, exist_ok=True)
        parts = "".join(f'[ligands.{name}]\nfrom = "{name}"\n' for name in ("il2", "il15"))
        parts += "".join(f'[cells.{name}]\nfrom = "{name}"\n' for name in gates.values())
        fixed = "" if factor else 'parameters = { experiment_factor = "1" }'
        (folder / "study.toml").write_text(RUN.format(parts=parts, set=fixed, level=LEVEL))
        subprocess.run([program, "run", folder / "study.toml", "--out", folder / "out"], check=True)
    return {key(row, "ligand"): row for row in table(folder / "out/draws_ec50.csv")}


def ends(row: dict, what: str) -> tuple[str, str]:
    unit = "_pm" if what == "ec50" else ""
    return row[f"{what}_low{unit}"], row[f"{what}_high{unit}"]


def spread(row: dict, what: str) -> float:
    """Standard deviation of the logarithm by the interval; one without an end is wide."""
    low, high = ends(row, what)
    return math.log(float(high) / float(low)) / (2 * Z) if low and high else math.inf


def inside(errors: dict, rows: dict, what: str, more: float) -> int:
    """How many errors lie inside intervals by rates and counts and so much more."""
    return sum(abs(e) <= Z * math.hypot(spread(rows[k], what), more) for k, e in errors.items())


def needed(errors: dict, rows: dict, what: str) -> float:
    """What must be added to the spreads so that LEVEL of the errors are inside."""
    steps = (i / 1000 for i in range(5000))
    return next(s for s in steps if inside(errors, rows, what, s) >= LEVEL * len(errors))


def of_ligands(errors: dict) -> dict:
    """Those of the ratio of IL-15 to IL-2 on one cell at one time."""
    pairs = {k: ("il2", *k[1:]) for k in errors if k[0] == "il15"}
    return {k: errors[k] - errors[other] for k, other in pairs.items() if other in errors}


def line(name: str, errors: list[float]) -> str:
    near = sum(abs(e) < math.log(3) for e in errors) / len(errors)
    typical = math.exp(statistics.median(map(abs, errors)))
    rms = math.exp(math.sqrt(statistics.fmean(e * e for e in errors)))
    return f"{name:<8} {len(errors):>4} {near:>8.0%} {typical:>8.2f} {rms:>8.2f}"


def held(errors: dict, rows: dict, what: str) -> str:
    """How many of the errors lie inside the intervals, moved to the prediction that they are errors of."""
    centre = "ec50_pm" if what == "ec50" else what
    inside = []
    for k, e in errors.items():
        low, high = ends(rows[k], what)
        best = float(rows[k][centre])
        above = math.log(best / float(low)) if low else math.inf
        below = math.log(float(high) / best) if high else math.inf
        inside.append(-below <= e <= above)
    return f"{sum(inside)} of {len(inside)} ({sum(inside) / len(inside):.0%})"


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1])
    program = sys.argv[2] if len(sys.argv) == 3 else "il2"
    study = (HERE / "study.toml").read_text()
    gates = tomllib.loads(study)["assay"]["receptor"]["measured"]["pbmc"]["cells"]
    measured = {(r["ligand"], r["cell"], float(r["time"])): float(r["value"]) for r in table(HERE / "pbmc_ec50.csv")}
    errors: dict[str, dict[tuple, float]] = {}
    for lineage, cells in lineages(gates).items():
        folder = out / lineage
        if not folder.exists():
            without(study, gates, cells, folder)
        errors[lineage] = of_left_out(fitted(program, folder))
    if not (out / "all").exists():
        without(study, gates, [], out / "all")
    wells = [r for r in fitted(program, out / "all") if r["table"] == "pbmc" and r["best"] and r["measured"]]
    squares = [math.log10(float(r["best"]) / float(r["measured"])) ** 2 for r in wells]
    print(f"{len(squares)} wells in the fit: root mean square of log10 {math.sqrt(statistics.fmean(squares)):.3f}")
    plain, whole = (drawn(program, out / name, gates, factor) for name, factor in
                    (("rates_and_counts", False), ("with_factor", True)))
    print("EC50s left out\nlineage     n  within3   median      rms")
    for lineage, own in errors.items():
        print(line(lineage, list(own.values())))
    every = {k: e for own in errors.values() for k, e in own.items()}
    with (HERE / "lineages.csv").open("w", newline="") as made:
        writer = csv.writer(made, lineterminator="\n")
        writer.writerow(["left_out", "ligand", "cell", "time_min", "measured_pm", "predicted_pm"])
        for lineage, own in errors.items():
            for (ligand, cell, time), e in own.items():
                value = measured[ligand, cell, time]
                writer.writerow([lineage, ligand, cell, f"{time:g}", value, f"{value * math.exp(e):.4g}"])
    print(line("all", list(every.values())))
    ratios = of_ligands(every)
    print(line("il15/il2", list(ratios.values())))
    s, r = needed(every, plain, "ec50"), needed(ratios, plain, "ec50_over_il2")
    print(f"log SD needed beside rates and counts: EC50 {s:.2f}, ratio of two ligands on a cell {r:.2f}")
    print(f"so that a molecule on a lineage has {r * r / 2 / (s * s):.2f} of the variance of its own")
    print("Set by the three others, 90 % intervals hold")
    for lineage, own in errors.items():
        others = {k: e for k, e in every.items() if k not in own}
        s, r = needed(others, plain, "ec50"), needed(of_ligands(others), plain, "ec50_over_il2")
        both = of_ligands(own)
        print(f"  {lineage}: EC50s {inside(own, plain, 'ec50', s)} of {len(own)} with {s:.2f}, "
              f"IL-15/IL-2 {inside(both, plain, 'ec50_over_il2', r)} of {len(both)} with {r:.2f}")
    best = {k: math.log(float(whole[k]["ec50_pm"]) / v) for k, v in measured.items() if whole[k]["ec50_pm"]}
    both = of_ligands(best)
    other = {k: e - best[k[0], "treg", k[2]] for k, e in best.items() if k not in errors["treg"]}
    for name, rows in (("rates and counts alone", plain), ("shipped", whole)):
        print(f"90 % intervals, {name}, hold")
        print(f"  EC50s left out: {held(every, rows, 'ec50')}")
        for lineage, own in errors.items():
            print(f"    {lineage}: {held(own, rows, 'ec50')}")
        print(f"  IL-15/IL-2 on a cell, left out: {held(ratios, rows, 'ec50_over_il2')}")
        print(f"  EC50s in the fit: {held(best, rows, 'ec50')}")
        print(f"  IL-15/IL-2 on a cell, in the fit: {held(both, rows, 'ec50_over_il2')}")
        print(f"  over Treg, other lineages, in the fit: {held(other, rows, 'ec50_over_treg')}")


main()

#!/usr/bin/env python3
"""Makes pbmc.csv beside this file from the published plates of pSTAT5 in blood cells.

    python3 tables.py pSTAT_data.csv

The file is `ckine/data/pSTAT_data.csv` of the repository meyer-lab/gc-cytokines (MIT licence), commit
c48ba92f103b632943024a70174134d616134eb6. Each kind of cell has a block: doses across, ligands and times down,
the first replicate on the left and the second on the right. Nothing is subtracted; empty wells stay empty.
"""

import csv
import pathlib
import re
import sys

DOSES = 12
# Wells of one curve err together: after the fit a curve of twelve wells tells as much as four, so that a well has a
# standard deviation of 47 % (28 % scatter times the root of 2.8).
WELL_SD = 0.47
COLUMNS = ["cell_type", "ligand", "time_min", "dose_nM", "replicate", "median_RFU", "sd"]


def condition(text: str) -> tuple[str, int] | None:
    """Ligand and minutes of a heading such as "IL-2, 30 min"."""
    found = re.match(r"(IL-2|IL-15)\s*,\s*(\d+)\s*(hour|min)", text)
    if found is None:
        return None
    ligand, number, unit = found.groups()
    return ligand.replace("-", ""), int(number) * (60 if unit == "hour" else 1)


def rows_of(plates: list[list[str]]) -> list[list[str]]:
    rows, cells, doses, starts = [], {}, [], []
    for before, line in zip([[]] + plates, plates):
        if "nM treatment:" in line:
            starts = [i + 1 for i, text in enumerate(line) if text == "nM treatment:"]
            cells = {i: before[i - 1].strip() for i in starts}
            doses = line[starts[0] : starts[0] + DOSES]
        given = next((c for text in line if (c := condition(text))), None)
        if not given or not starts:
            continue
        for replicate, start in enumerate(starts, 1):
            # One replicate of some cells was measured.
            if not cells[start]:
                continue
            for dose, value in zip(doses, line[start : start + DOSES]):
                text = value.strip()
                sd = f"{WELL_SD * float(text):.5g}" if text else ""
                rows.append([cells[start], given[0], given[1], dose, replicate, text, sd])
    return rows


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="latin-1", newline="") as source:
        rows = rows_of(list(csv.reader(source)))
    made = pathlib.Path(__file__).with_name("pbmc.csv")
    with made.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    print(f"{len(rows)} rows in {made}")


main()

#!/usr/bin/env python3
"""Start-up, CPU time and memory of the program as a user meets it.

    cargo build --release && python3 benches/program.py [cohorts] [trials]

Each command runs once to warm up and then ten times, or thrice where it takes long; medians of the operating system's own
accounting are printed; with words, only those parts are run. Cohorts of patients (28 doses, 180 days, daily output)
run once each, or thrice where that is quick: as the patients grow, on all cores, and the same patients on one core to
all. Trials of two arms run once each. The bounds are what the project promises, not what a test enforces: a busy
machine is no defect.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PROGRAM = os.path.join(ROOT, "target", "release", "il2")
ROUNDS = 10


def once(arguments):
    """Wall seconds, CPU seconds and peak resident megabytes of one run."""
    start = time.perf_counter()
    child = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"il2 {' '.join(arguments)} ended with {child.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    if not os.path.exists(PROGRAM):
        sys.exit("build the program first: cargo build --release")
    with tempfile.TemporaryDirectory() as folder:
        study = os.path.join(ROOT, "benches", "dose-response.toml")
        cases = [
            ("il2 --help", ["--help"], "wall under 0.05 s"),
            ("25 doses, 4 cells, 4 times", ["run", study, "--out", folder], "CPU under 0.5 s, memory under 100 MB"),
        ]
        print(f"{'command':<32} {'wall s':>8} {'CPU s':>8} {'peak MB':>8}  promise")
        panel = os.path.join(ROOT, "benches", "panel.toml")
        promise = "wall under 20 s on two cores"
        cases.append(("20 muteins, 10 cells, 200 draws", ["run", panel, "--out", folder], promise))
        search = os.path.join(folder, "design.toml")
        with open(os.path.join(ROOT, "studies", "10-design.toml")) as file:
            text = file.read().replace("candidates = 1000\n", "candidates = 10000\n")
        with open(search, "w") as file:
            file.write(text)
        promise = "wall under a minute on two cores"
        cases.append(("a design, 10,000 candidates", ["design", search, "--out", folder], promise))
        only = sys.argv[1:]
        for name, arguments, promise in cases if not only else []:
            # What takes long needs no warm-up, and three rounds.
            long = once(arguments)[0] > 2
            rounds = [once(arguments) for _ in range(3 if long else ROUNDS)]
            wall, cpu, memory = (statistics.median(column) for column in zip(*rounds))
            print(f"{name:<32} {wall:>8.4f} {cpu:>8.3f} {memory:>8.1f}  {promise}")
        if not only or "cohorts" in only:
            cohorts(folder)
            cores(folder)
        if not only or "trials" in only:
            trials(folder)


def cohort(folder, patients, threads, rounds, of="cohort"):
    """Medians of wall seconds, CPU seconds and peak megabytes of a cohort or a trial."""
    with open(os.path.join(ROOT, "benches", f"{of}.toml")) as file:
        text = file.read()
    study = os.path.join(folder, f"{of}.toml")
    with open(study, "w") as file:
        file.write(text.replace("patients = 100\n", f"patients = {patients}\n"))
    run = ["run", study, "--threads", str(threads), "--out", os.path.join(folder, "out")]
    found = [once(run) for _ in range(rounds)]
    return tuple(statistics.median(column) for column in zip(*found))


def trials(folder):
    """Time and memory of a trial of two arms with five years of follow-up as the patients grow, then of
    the same patients on one core to all."""
    threads = os.cpu_count()
    head = f"{'patients':>8} {'threads':>8} {'wall s':>8} {'patients/s':>11} {'CPU ms each':>12} {'peak MB':>8}"
    print(f"\na trial of two arms, five years of follow-up\n{head}")
    some = sorted({1 << k for k in range(threads.bit_length()) if 1 << k < threads})
    sizes = [(4_000, n) for n in some] + [(n, threads) for n in (1_000, 4_000, 10_000, 100_000)]
    for patients, threads in sizes:
        wall, cpu, memory = cohort(folder, patients, threads, 1, "trial")
        print(
            f"{patients:>8} {threads:>8} {wall:>8.1f} {patients / wall:>11.0f} "
            f"{1000 * cpu / patients:>12.2f} {memory:>8.1f}",
            flush=True,
        )


def cohorts(folder):
    """Time and memory as the patients grow from a hundred to a million."""
    threads = os.cpu_count()
    print(f"\n{threads} threads\n{'patients':>8} {'wall s':>8} {'patients/s':>11} {'peak MB':>8}")
    for patients in (100, 1_000, 10_000, 100_000, 1_000_000):
        wall, _, memory = cohort(folder, patients, threads, 3 if patients <= 10_000 else 1)
        print(f"{patients:>8} {wall:>8.2f} {patients / wall:>11.0f} {memory:>8.1f}")


def cores(folder):
    """Time and memory of the same patients on one core, two, four, and so on to all."""
    patients, most = 4_000, os.cpu_count()
    print(f"\n{patients} patients\n{'threads':>8} {'wall s':>8} {'times one':>11} {'peak MB':>8}")
    alone = None
    for threads in sorted({1 << k for k in range(most.bit_length()) if 1 << k < most} | {most}):
        wall, _, memory = cohort(folder, patients, threads, 3)
        alone = alone or wall
        print(f"{threads:>8} {wall:>8.2f} {alone / wall:>11.1f} {memory:>8.1f}")


if __name__ == "__main__":
    main()

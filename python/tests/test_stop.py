"""Ctrl-C also ends what is written, within a second, and leaves the folder as it was."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

BEFORE = """
    import signal, sys
    signal.signal(signal.SIGINT, signal.default_int_handler)
    import il2
    tumour = {
        "kind": "tumour-model",
        "model": "kirschner-panetta-1998",
        "times": il2.grid("0 d", "1000 d", 100_000),
        "sweep": {"number": "antigenicity", "values": il2.grid("5e-5 /d", "0.05 /d", 11)},
    }
    study = {"version": 1, "question": "Long?", "output": {"figures": False}, "assay": {"long": tumour}}
    def begins():
        print("begins", flush=True)
    def ends(work):
        try:
            work()
        except KeyboardInterrupt:
            print("stopped", flush=True)
        else:
            print("done", flush=True)
"""


def interrupted(code, cwd, until):
    """What a child says that is sent SIGINT while `until` finds files that are being written."""
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(BEFORE) + textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=cwd,
    )
    assert child.stdout.readline() == "begins\n"
    end = time.monotonic() + 100
    while not until():
        assert child.poll() is None and time.monotonic() < end
        time.sleep(0.005)
    asked = time.monotonic()
    os.kill(child.pid, signal.SIGINT)
    said = child.stdout.readline()
    took = time.monotonic() - asked
    child.communicate(timeout=100)
    return said, took


@pytest.mark.parametrize(
    "code",
    [
        'begins(); ends(lambda: il2.run(study, out="out", progress=False))',
        'answer = il2.run(study); begins(); ends(lambda: answer.save("out"))',
    ],
)
def test_the_folder_stays_as_it_was(code, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")

    def writing():
        # Files of a run are staged beside or inside the folder.
        staged = [path for path in tmp_path.rglob("*") if path.name.endswith(("long.csv", "long.parquet"))]
        return any(path.stat().st_size for path in staged if path.exists())

    said, took = interrupted(code, tmp_path, writing)
    assert said == "stopped\n" and took < 1, f"{took:.2f} s"
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine.txt"]


def test_text_of_csv_is_not_finished(tmp_path):
    begun = time.monotonic()
    code = 'table = il2.run(study).tables["long"]; begins(); ends(lambda: table.to_csv())'
    said, took = interrupted(code, tmp_path, lambda: time.monotonic() - begun > 0.1)
    assert said == "stopped\n" and took < 1, f"{took:.2f} s"

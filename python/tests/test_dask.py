"""A study on Dask: the bytes of a run in one piece, also where workers are killed; what is refused."""

import os
import signal
import subprocess
import sys
import threading
import time

import il2
import pytest

PEOPLE = """
version = 1
question = "How long do two months of low doses expand Treg?"

[ligands.il2]
from = "aldesleukin"

[regimens.daily]
ligand = "il2"
dose = "1 MIU/m2"
route = "subcutaneous"
every = "1 d"
doses = 60

[assay.patients]
kind = "regimen"
patients = %d
times = { from = "0 d", to = "90 d", points = 16 }
"""


def written(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def cluster():
    """Two workers, each a process that is started again when it is lost."""
    distributed = pytest.importorskip("distributed", reason="il2[dask] is not installed")
    import dask

    # After fifteen seconds a cluster on one machine looks whether a lost worker is back, and forgets it for good
    # where it is being started after another loss.
    with (
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1 hour"}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
    ):
        yield cluster


@pytest.fixture
def client(cluster):
    from distributed import Client

    with Client(cluster) as client:
        client.wait_for_workers(2, timeout=60)
        yield client


class Killer(threading.Thread):
    """Kills one of two workers every so many seconds: in turn, and the other one where that is still starting.

    The first is killed after a second, so that one is killed on a fast machine too.
    """

    def __init__(self, cluster, every):
        super().__init__()
        self.cluster, self.every = cluster, every
        self.killed = 0
        self.over = threading.Event()

    def run(self):
        wait = min(1, self.every)
        while not self.over.wait(wait):
            wait = self.every
            workers = [worker for _, worker in sorted(self.cluster.workers.items())]
            turn = self.killed % max(len(workers), 1)
            for worker in workers[turn:] + workers[:turn]:
                # One that is killed while it starts is given up by Dask's nanny.
                if worker.process is not None and worker.process.status.name == "running":
                    os.kill(worker.process.pid, signal.SIGKILL)
                    self.killed += 1
                    break

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def in_one_piece(program, study, folder):
    subprocess.run([program, "run", study, "--out", folder], check=True, capture_output=True)
    return written(folder)


@pytest.mark.parametrize("name", ["03-washout", "04-receptor-sweep"])
def test_workers_give_the_bytes_of_a_run_in_one_piece(name, studies, program, client, tmp_path):
    study = studies / f"{name}.toml"
    told = []
    answer = il2.dask.run(
        study, client, out=tmp_path / "dask", shards=5, progress=lambda *one: told.append(one)
    )
    assert written(tmp_path / "dask") == in_one_piece(program, study, tmp_path / "line")
    assert told[:5] == [("shards", done, 5) for done in range(1, 6)]
    assert len(told) == len(set(told)), "what is done is told once"
    for table in answer.tables.values():
        assert (tmp_path / "dask" / f"{table.name}.csv").read_text() == table.to_csv()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dask", "line"]


def test_what_is_simulated_next_may_follow_from_all_shards(studies, program, client, tmp_path):
    # Patients who are chosen first; and tables, and assays that are left to the merge.
    study = studies.parent / "crates" / "il2-cli" / "tests" / "shards" / "people.toml"
    told = []
    out = tmp_path / "dask"
    il2.dask.run(study, client, out=out, shards=3, progress=lambda *one: told.append(one))
    # The last of a round finds all others there and goes on at once.
    assert ("shards", 3, 3) in told and "shards, round 2" in [name for name, _, _ in told]
    assert written(out) == in_one_piece(program, study, tmp_path / "line")


def test_a_dict_runs_and_leaves_nothing_behind(client, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = {
        "version": 1,
        "question": "How potent is IL-2 on Treg?",
        "ligands": {"il2": {"from": "il2"}},
        "cells": {"treg": {"from": "treg"}},
        "assay": {"dose": {"kind": "dose-response", "times": ["1 h"]}},
    }
    study["assay"]["dose"]["doses"] = il2.grid("1 pM", "1 nM", 4)
    answer = il2.dask.run(study, client)
    assert answer.tables["dose"].to_csv() == il2.run(study).tables["dose"].to_csv()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_workers_that_are_killed_every_five_seconds_give_the_same_bytes(
    program, cluster, client, tmp_path
):
    study = tmp_path / "study.toml"
    study.write_text(PEOPLE % int(os.environ.get("IL2_DASK_PATIENTS", 800)))
    whole = in_one_piece(program, study, tmp_path / "line")
    begun = time.monotonic()
    with Killer(cluster, every=5) as killer:
        il2.dask.run(study, client, out=tmp_path / "dask", retries=100)
    print(f"{killer.killed} workers killed in {time.monotonic() - begun:.0f} s")
    assert killer.killed >= 1, "the study is too short for this test"
    assert written(tmp_path / "dask") == whole


def test_shards_that_are_there_are_kept(program, client, tmp_path):
    study = tmp_path / "study.toml"
    study.write_text(PEOPLE % 20)
    folder = tmp_path / "shards"
    for index in (1, 3):
        il2.shard(study, index, 3, folder)
    before = {path: path.stat().st_mtime_ns for path in folder.glob("shard-*/results.bin")}
    assert len(before) == 2
    il2.dask.run(study, client, folder=folder, out=tmp_path / "dask")
    after = {path: path.stat().st_mtime_ns for path in folder.glob("shard-*/results.bin")}
    assert len(after) == 3 and before.items() <= after.items()
    assert written(tmp_path / "dask") == in_one_piece(program, study, tmp_path / "line")


def test_an_error_is_that_of_a_run(client, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(il2.StudyError, match="question"):
        il2.dask.run("version = 1\n", client)
    with pytest.raises(il2.FileError, match=r"nowhere\.toml"):
        il2.dask.run("nowhere.toml", client)
    (tmp_path / "study.toml").write_text(PEOPLE % 20)
    (tmp_path / "other.toml").write_text(PEOPLE % 21)
    il2.shard("study.toml", 1, 2, "shards")
    with pytest.raises(il2.StudyError, match="contains shards of another study"):
        il2.dask.run("other.toml", client, folder="shards")
    with pytest.raises(il2.StudyError, match="belongs to a set of 2 shards, but the other shards belong to a set of 5"):
        il2.dask.run("study.toml", client, folder="shards", shards=5)
    with pytest.raises(ValueError, match="shards: 0 is not allowed; use 1 to 100000"):
        il2.dask.run("study.toml", client, shards=0)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["other.toml", "shards", "study.toml"]


def test_a_folder_that_a_worker_cannot_see_is_named(tmp_path):
    with pytest.raises(il2.FileError, match=r"study\.json: cannot be read by the worker on .*; give"):
        il2.dask.work_out_one(str(tmp_path / "elsewhere"), 1, 2, 1, 0.0)


def test_what_is_no_client_is_refused_with_what_to_give():
    pytest.importorskip("distributed", reason="il2[dask] is not installed")
    with pytest.raises(TypeError, match=r'is a str; give .* Client\("tcp://10\.0\.0\.1:8786"\)'):
        il2.dask.run("study.toml", "tcp://10.0.0.1:8786")
    with pytest.raises(TypeError, match=r"client: is a NoneType; give a client of dask"):
        il2.dask.run("study.toml", None)


def test_without_dask_it_says_what_to_install():
    code = """if True:
        import sys
        sys.modules["distributed"] = None
        import il2
        try:
            il2.dask.run("study.toml", None)
        except ImportError as error:
            print(error)
    """
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.endswith("install it: pip install 'il2[dask]'\n")


def test_the_package_loads_dask_where_it_is_asked_for_alone():
    code = "import sys, il2; print([n for n in sys.modules if n.split('.')[0] in ('dask', 'distributed')])"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout == "[]\n"

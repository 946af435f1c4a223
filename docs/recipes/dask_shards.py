"""A study in shards on Dask workers.

    python dask_shards.py STUDY FOLDER SHARDS [SCHEDULER]

`il2` must be on the PATH of every worker, and STUDY and FOLDER on a file system that all of them share. Without the
address of a scheduler two workers are started on this machine. A task whose worker is lost is run again elsewhere,
and a shard that is there already ends at once.
"""

import json
import subprocess
import sys
import time

import dask
from dask.distributed import Client, LocalCluster

# On a scheduler of its own: how many workers may be lost under one task.
dask.config.set({"distributed.scheduler.allowed-failures": 100})


def shard(study, folder, index, shards):
    command = ["il2", "run", study, "--shard", f"{index}/{shards}", "--out", folder]
    done = subprocess.run(command + ["--threads", "1", "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        time.sleep(5)  # what a lost worker began may still be writing this shard
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def run(study, folder, shards, client):
    """Works out all shards of a study with the workers of a client."""
    while True:
        # Not pure: in another round the same call does other work.
        calls = [
            client.submit(shard, study, folder, index + 1, shards, pure=False, retries=100)
            for index in range(shards)
        ]
        if not any(one["waits_for"] for one in client.gather(calls)):
            return


if __name__ == "__main__":
    study, folder, shards = sys.argv[1], sys.argv[2], int(sys.argv[3])
    given = sys.argv[4:]
    if given:
        where = given[0]
    else:
        where = LocalCluster(n_workers=2, threads_per_worker=1)
        where.adapt(minimum=2, maximum=2)  # replaces workers that are lost
    with Client(where) as client:
        run(study, folder, shards, client)
    subprocess.run(["il2", "merge", folder], check=True)

"""A study in shards on a Ray cluster.

    python ray_shards.py STUDY FOLDER SHARDS

`il2` must be on the PATH of every node, and STUDY and FOLDER on a file system that all of them share. A task whose
worker is lost is run again elsewhere; a shard that is there already ends at once.
"""

import json
import subprocess
import sys
import time

import ray

study, folder, shards = sys.argv[1], sys.argv[2], int(sys.argv[3])


@ray.remote(num_cpus=1, max_retries=100, retry_exceptions=True)
def shard(index):
    command = ["il2", "run", study, "--shard", f"{index}/{shards}", "--out", folder]
    done = subprocess.run(command + ["--threads", "1", "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        time.sleep(5)  # what a lost worker began may still be writing this shard
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


ray.init()
while any(one["waits_for"] for one in ray.get([shard.remote(i + 1) for i in range(shards)])):
    pass  # another round: the remaining simulations need the results of all shards
subprocess.run(["il2", "merge", folder], check=True)

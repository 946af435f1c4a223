"""A study on Dask workers.

    python dask_shards.py STUDY OUT [SCHEDULER]

Every worker needs `pip install 'il2[dask]'`, and OUT must be on a file system that all of them share. Without the
address of a scheduler there is a worker for each core of this machine.
"""

import sys

import il2
from dask.distributed import Client

if __name__ == "__main__":
    study, out, *scheduler = sys.argv[1:]
    with Client(*scheduler) as client:
        print(il2.dask.run(study, client, out=out, progress=True))

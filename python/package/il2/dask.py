"""A study on the workers of a Dask cluster: the answer of :func:`il2.run`, with the same bytes.

The study is shared out in shards through a folder that the client and all workers see. A shard whose worker is lost
is run again, and goes on with the results that it had; one that is there is kept, also by another call.

Needs ``dask.distributed``, which ``pip install 'il2[dask]'`` brings.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import _il2
from . import progress as shown
from .answer import Answer, given_of
from .arguments import path, whole
from .errors import ArgumentError, FileError
from .shards import Shard, merge

if TYPE_CHECKING:
    from distributed import Client

#: Shards for each thread of the workers: fast workers process more of them, so that all end at about the same time.
FOR_EACH_THREAD = 4
#: Fewest shards, if the study has as many simulations, because workers may be added later.
FEWEST = 8
#: Most shards.
MOST = 100_000
#: Seconds before retrying a shard that could not be written: a lost worker may still be writing it, and other machines
#: may see changes of a folder late.
PAUSE = 2.0


def run(
    study: str | os.PathLike[str] | Mapping[str, Any] | Answer,
    client: Client,
    *,
    out: str | os.PathLike[str] | None = None,
    folder: str | os.PathLike[str] | None = None,
    shards: int | None = None,
    tables: Mapping[str, Any] | None = None,
    threads: int = 1,
    retries: int = 10,
    progress: bool | shown.Progress | None = None,
) -> Answer:
    """Run a study on the workers of a Dask cluster.

    Parameters
    ----------
    study, tables
        As in :func:`il2.run`; a seed stands in the study.
    client : dask.distributed.Client
        The client of the cluster, whose workers have this version of ``il2``.
    out : path, optional
        Folder to write, with the files that ``il2 run --out`` writes, tables as CSV and Parquet, the same bytes.
    folder : path, optional
        Folder for the shards, which client and workers must see under this name. It stays; a call that was
        stopped goes on with what is in it when it is made again. If left out it is beside ``out`` or in the working
        directory, and removed at the end.
    shards : int, optional
        How many; four for each thread of the workers if left out. Each of them plans the whole study.
    threads : int, optional
        Threads of a shard. A worker runs as many shards at once as it has threads.
    retries : int, optional
        How often a shard is handed out again, while no other gets done, after its workers were lost more often than the
        scheduler lets pass (``distributed.scheduler.allowed-failures``, 3), or it could not be written.
    progress : bool or callable, optional
        As in :func:`il2.run`; shards are told as ``"shards"``, or ``"shards, round 2"`` where what is simulated
        next depends on the results of all, and then the assays that are merged.

    Returns
    -------
    Answer

    Raises
    ------
    StudyError
        As in :func:`il2.run`; or nothing of the study can be run in shards; or the folder has another study's.
    FileError
        A worker cannot see or write the folder.
    distributed.KilledWorker
        A shard lost too many workers: give them more memory, or allow more ``retries``.

    Examples
    --------
    Right: a client of a cluster, here of two processes on this machine.

    >>> from dask.distributed import Client                   # doctest: +SKIP
    >>> client = Client(n_workers=2, threads_per_worker=1)    # doctest: +SKIP
    >>> answer = il2.dask.run("study.toml", client, out="out/mine")    # doctest: +SKIP

    Wrong: the address of a scheduler.

    >>> il2.dask.run("study.toml", "tcp://10.0.0.1:8786")    # doctest: +SKIP
    Traceback (most recent call last):
    il2.errors.ArgumentError: client: is a str; give a client of dask.distributed, for example Client("tcp://10.0.0.1:8786")
    """
    _is_client(client)
    shards = whole("shards", shards, MOST)
    out = None if out is None else path("out", out)
    each = whole("threads", threads) or 1
    again = whole("retries", retries, MOST, least=0) or 0
    given = given_of(study, tables)
    with _shared(None if folder is None else path("folder", folder), out) as place:
        with given.told():
            simulations, there = _il2.share(*given.asked, place)
        count = shards or there or _enough(client, simulations)
        work_out(client, place, count, each, again, progress)
        answer = merge(place, out=out, progress=progress)
        answer.given = given
        return answer


def work_out(
    client: Client, folder: str, count: int, threads: int, retries: int, progress: Any
) -> None:
    """Runs all shards, round after round, until none waits."""
    waiting, rounds = list(range(1, count + 1)), 1
    while waiting:
        tell = shown.of(progress, "shards")
        name = "shards" if rounds == 1 else f"shards, round {rounds}"
        made = {}
        try:
            for index, shard in _one_round(client, folder, waiting, count, threads, retries):
                made[index] = shard
                if tell is not None:
                    tell(name, len(made), len(waiting))
        finally:
            if tell is not None:
                tell.end()
        waiting, rounds = [index for index, shard in made.items() if shard.waits_for], rounds + 1


def _one_round(
    client: Client, folder: str, wanted: list[int], count: int, threads: int, retries: int
) -> Iterator[tuple[int, Shard]]:
    """Shards as they come back; those that were lost are handed out again."""
    from distributed import KilledWorker, as_completed

    def hand_out(index: int, pause: float = 0.0) -> Any:
        # Not pure, because the same call does different work in another round.
        return client.submit(work_out_one, folder, index, count, threads, pause, pure=False)

    handed_out = {hand_out(index): index for index in wanted}
    lost: Counter[int] = Counter()
    try:
        coming = as_completed(list(handed_out))
        for future in coming:
            index = handed_out.pop(future)
            try:
                shard = future.result()
            except (FileError, KilledWorker) as why:
                lost[index] += 1
                if lost[index] > retries:
                    raise
                again = hand_out(index, PAUSE if isinstance(why, FileError) else 0.0)
                handed_out[again] = index
                coming.add(again)
            else:
                # As long as some shards are completed, workers are not lost because a shard is too large.
                lost.clear()
                yield index, shard
    finally:
        # Shards that a worker has begun end by themselves, and their results are valid.
        client.cancel(list(handed_out))


def work_out_one(folder: str, index: int, count: int, threads: int, pause: float) -> Shard:
    """Runs a shard, on a worker."""
    time.sleep(pause)
    study = os.path.join(folder, "study.json")
    if not os.path.exists(study):
        remedy = "give a folder that the client and all workers share"
        text = f"{study}: cannot be read by the worker on {socket.gethostname()}; {remedy}"
        raise FileError(text, remedy=remedy, file=study)
    return Shard(*_il2.shard(study, True, None, folder, index, count, threads))


def _enough(client: Client, simulations: int) -> int:
    """Shards that keep all workers at work."""
    threads = sum(client.nthreads().values())
    return max(1, min(simulations, max(FOR_EACH_THREAD * threads, FEWEST), MOST))


@contextlib.contextmanager
def _shared(
    folder: str | os.PathLike[str] | None, out: str | os.PathLike[str] | None
) -> Iterator[str]:
    """The folder of the shards; one that nobody named is removed once it has served."""
    if folder is not None:
        yield os.path.abspath(folder)
        return
    if out is None:
        place = tempfile.mkdtemp(prefix=".il2-shards-", dir=os.getcwd())
    else:
        # Always the same folder, so that a repeated call continues from the results of a stopped one.
        parent, name = os.path.split(os.path.abspath(out))
        place = os.path.join(parent, f".{name}.il2-shards")
    try:
        yield place
    except BaseException:
        if os.path.isdir(place) and any(name.startswith("shard-") for name in os.listdir(place)):
            warnings.warn(
                f"shards that were done are kept in {place}; give folder={place!r} to go on with them",
                stacklevel=4,
            )
        else:
            shutil.rmtree(place, ignore_errors=True)
        raise
    shutil.rmtree(place, ignore_errors=True)


def _is_client(client: Any) -> None:
    """Refuses what is not a client of Dask that waits."""
    try:
        from distributed import Client
    except ImportError as why:
        raise ImportError(
            "il2.dask needs dask.distributed, which is not installed; install it: pip install 'il2[dask]'"
        ) from why
    if not isinstance(client, Client):
        example = f'"{client}"' if isinstance(client, str) else ""
        remedy = f"give a client of dask.distributed, for example Client({example})"
        raise ArgumentError("client", f"is a {type(client).__name__}", remedy)
    if client.asynchronous:
        remedy = "give one that waits, for example Client(address, asynchronous=False)"
        raise ArgumentError("client", "is asynchronous", remedy)

"""Partitions on a Dask cluster: the points are sent to each worker once, the answers come back in order."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

from geo.errors import GeoError
from geo.scale.partition import nearest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from geo.scale.partition import Answer, Targets

# Dask is an extra, and largely untyped.
Client: TypeAlias = Any

_CONNECT_S = 5
_PATIENCE_S = 30
_AHEAD_PER_THREAD = 2


class ClusterError(GeoError, ConnectionError):
    """A cluster that cannot be reached, or that does not do the work."""


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """
    Connect to the scheduler of a cluster, for as long as the block runs.

    Parameters
    ----------
    address : str
        As ``tcp://10.0.0.1:8786``.

    Raises
    ------
    ClusterError
        Where Dask is not installed, nobody answers at the address within five seconds, or there is no worker.
    """
    try:
        dask: Any = import_module("distributed")
    except ImportError as error:
        msg = "--scheduler needs an extra: pip install 'geo-coverage[cluster]'."
        raise ClusterError(msg) from error
    try:
        # A client waits for ever where something else answers, and cannot be closed where the address is none.
        _ask(address)
        client = dask.Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        msg = (
            f"No Dask scheduler answers at '{address}'. Start one with 'dask scheduler', and name the address that it "
            "prints, as tcp://10.0.0.1:8786."
        )
        raise ClusterError(msg) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_CONNECT_S)
        except TimeoutError as error:
            msg = f"The scheduler at {address} has no worker. Start some with 'dask worker {address}'."
            raise ClusterError(msg) from error
        yield client


def _ask(address: str) -> None:
    """Ask a scheduler who it is; in a thread of its own, for a notebook's thread has an event loop already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(asyncio.wait_for(_identity(address), _CONNECT_S))).result()


async def _identity(address: str) -> None:
    async with import_module("distributed.core").rpc(address) as server:
        told = await server.identity()
    if told["type"] != "Scheduler":
        raise ValueError(told["type"])


def on_cluster(client: Client, targets: Targets, partitions: Iterable[NDArray[np.float64]]) -> Iterator[Answer]:
    """
    Compute partitions on a cluster, and give their answers in the order of the partitions.

    The places travel with the task, so that another worker can take over from one that died, and no worker needs to
    see the file. The points travel as a plugin, which also reaches the workers that join later.

    Raises
    ------
    ClusterError
        Where the points cannot be put on a worker, a partition fails, or no worker is left for half a minute.
    """
    cancelled: type[Exception] = import_module("distributed.client").FutureCancelledError
    killed: type[Exception] = import_module("distributed.scheduler").KilledWorker
    name = f"geo-points-{uuid4().hex}"
    try:
        client.register_plugin(_plugin(targets), name=name)
        yield from _in_order(client, name, partitions)
    except ClusterError:
        raise
    except (OSError, RuntimeError, ImportError, cancelled, killed) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        msg = f"The cluster failed: {why}. Its workers need this version of geo; their log tells more."
        raise ClusterError(msg) from error
    finally:
        if client.status == "running":
            client.unregister_worker_plugin(name)


def _in_order(client: Client, name: str, partitions: Iterable[NDArray[np.float64]]) -> Iterator[Answer]:
    futures: deque[Any] = deque()
    # One at a time: what is mapped together is sent together, and the scheduler would hold all villages at once.
    for places in partitions:
        futures += client.map(_compute, [places], plugin=name, pure=False)
        if len(futures) > _AHEAD_PER_THREAD * sum(client.nthreads().values()):
            yield _result(client, futures.popleft())
    while futures:
        yield _result(client, futures.popleft())


def _result(client: Client, future: Any) -> Answer:  # noqa: ANN401 - untyped
    while True:
        try:
            answer: Answer = future.result(timeout=_PATIENCE_S)
        except TimeoutError as error:
            if not client.nthreads():
                msg = f"The cluster has had no worker for {_PATIENCE_S} seconds."
                raise ClusterError(msg) from error
        else:
            return answer


def _plugin(targets: Targets) -> Any:  # noqa: ANN401 - untyped
    def setup(self: Any, worker: Any) -> None:  # noqa: ANN401, ARG001 - Dask's signature
        self.points = targets.prepared()

    # Made here, since a class statement would need Dask when this module is imported.
    return type("Points", (import_module("distributed").WorkerPlugin,), {"setup": setup})()


def _compute(places: NDArray[np.float64], *, plugin: str) -> Answer:
    worker = import_module("distributed").get_worker()
    return nearest_of(places, worker.plugins[plugin].points)

"""Spans of reports written into an index: by this process, or by several beside it.

Making a document costs as much processor time as the server takes to index it, and one Python process has one
core: where a million reports are written, as many processes as there are cores share it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from django.db import connections

from .backends.elastic.keeping import ElasticStore
from .documents import Document, documents_between


@dataclass(frozen=True)
class Filling:
    """`write(first, last)`: the reports with these ids, and how many they were, once the server has them
    (else Unavailable). `at_once`: how many spans may be on their way.
    """

    write: Callable[[int, int], Future[int]]
    at_once: int


def filling(alias: str, *, processes: int) -> AbstractContextManager[Filling]:
    """What was not begun at the end is not written. Several processes are forked from this one, which has no
    threads beside. Raises BrokenExecutor where one was killed.
    """
    return _here(alias) if processes == 1 else _beside(alias, processes)


@contextmanager
def _here(alias: str) -> Iterator[Filling]:
    """In the caller's transaction; the server takes one span while the next one is made."""
    store = ElasticStore(alias)
    with ThreadPoolExecutor(2, thread_name_prefix="bulk") as threads:

        def write(first: int, last: int) -> Future[int]:
            return threads.submit(_put, store, documents_between(first, last))

        yield Filling(write, at_once=2)


@contextmanager
def _beside(alias: str, processes: int) -> Iterator[Filling]:
    # No child shares a connection with its parent or with another child.
    for connection in connections.all(initialized_only=True):
        connection.close()
        getattr(connection, "close_pool", lambda: None)()
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), initializer=_child)
    try:
        # All of them begin with the first that is asked for: before this process opens a connection again.
        pool.submit(os.getpid).result()
        # For each span that is written one more waits: no process waits for this one.
        yield Filling(lambda first, last: pool.submit(_written, alias, first, last), at_once=2 * processes)
    finally:
        pool.shutdown(cancel_futures=True)


def _child() -> None:
    # Ctrl-C reaches all of them; the parent ends its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """One whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _written(alias: str, first: int, last: int) -> int:
    return _put(ElasticStore(alias), documents_between(first, last))


def _put(store: ElasticStore, made: list[Document]) -> int:
    # Who is refused is found, and told, when all of it is compared.
    store.put(made)
    return len(made)

"""Loops that try a call again or look again for a state, each after a pause.

docs/decisions/no_retry_library.md lists them.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event, Thread

ATTEMPTS = 6
"""How often a call is made before its failure counts; boto3 is told the same."""


def attempts() -> Iterator[bool]:
    """Attempts at a call, each after a longer pause, and whether it is the last."""
    for number in range(1, ATTEMPTS):
        yield False
        time.sleep(0.05 * 2**number)
    yield True


def looks(seconds: float, pause: float) -> Iterator[bool]:
    """Looks at a state, one at least, until these seconds have passed, and whether it is the last."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        yield False
        time.sleep(min(left, pause))
    yield True


@contextmanager
def watching(look: Callable[[], bool], pause: float) -> Iterator[None]:
    """While the block runs, look again and again in another thread, after each pause, until a look returns False."""
    done = Event()

    def watch() -> None:
        """Look until the block is done."""
        while not done.wait(pause) and look():
            pass

    # what the thread logs belongs to the block
    watcher = Thread(target=copy_context().run, args=(watch,), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()

"""Leases: one `run` at a time for a lake, one `extract` at a time for a source.

A lease is an object put if absent, with an expiry. Once it has expired it is taken over by compare and swap, and it is
released the same way: a process that deleted its lease might delete another's.
"""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from ingestion.errors import LandfallError, LandingFailed
from ingestion.retries import looks, watching
from ingestion.store.base import Record, Store

logger = logging.getLogger(__name__)

LEASE = "manifests/lease.json"
DURATION = timedelta(minutes=5)
_ATTEMPTS = 3
_POLL_SECONDS = 5.0
_TAKEN_OVER = "another run has taken over meanwhile: nothing was published, run again"


Clock = Callable[[], datetime]
"""Tells the time now, UTC without zone."""


class Lease(Record):
    """The holder of the lake, the lease's start, and its end unless renewed. Times are UTC."""

    holder: str
    since: datetime
    expires: datetime
    is_released: bool = False

    def __str__(self) -> str:
        return f"another run is at work: {self.holder}, since {self.since:%Y-%m-%d %H:%M:%S} UTC"


@contextmanager
def hold_lease(
    store: Store, clock: Clock, holder: str, duration: timedelta = DURATION, name: str = LEASE
) -> Iterator[None]:
    """Hold the lease while the block runs, and renew it in the background.

    Raises LandingFailed, saying who has it since when, if another process holds it. Raises it within the block too, in
    the main thread, once the lease has expired (as in a sleep) and another process may have it.
    """
    lease = acquire(store, clock, holder, duration, name)
    expires, is_lost = lease.expires, False

    def keep() -> bool:
        """Renew the lease; whether it is still ours."""
        nonlocal expires, is_lost
        try:
            before = clock()
            is_lost = not renew(store, clock, lease, duration, name)
            expires = before + duration
        except LandfallError as error:
            logger.warning("the lease could not be renewed: %s", error)
            is_lost = clock() >= expires
        if is_lost:
            logger.warning("the lease is lost: another run has taken over, or may")
            interrupt()
        return not is_lost

    try:
        with _interruptible() as interrupt, watching(keep, duration.total_seconds() / 3):
            yield
        if is_lost:  # and the interrupted code has gone on all the same
            raise _Lost
    except _Lost:
        raise LandingFailed(_TAKEN_OVER) from None
    finally:
        release(store, holder, name)


def in_the_way(
    store: Store, clock: Clock, wait: timedelta = timedelta(), name: str = LEASE
) -> Lease | None:
    """The lease of another process, if it is still held after `wait`; None as soon as it is free."""
    for _ in looks(wait.total_seconds(), _POLL_SECONDS):
        theirs = _read(store, name)
        if theirs is None or theirs.is_released or theirs.expires <= clock():
            return None
    return theirs


def acquire(
    store: Store, clock: Clock, holder: str, duration: timedelta = DURATION, name: str = LEASE
) -> Lease:
    """Take the lease, or raise LandingFailed when another process holds it."""
    for _ in range(_ATTEMPTS):
        now = clock()
        mine = Lease(holder=holder, since=now, expires=now + duration)
        found = store.stat(name)
        if found is None:
            if store.put_if_absent(name, mine.to_bytes()):
                return mine
            continue
        if theirs := in_the_way(store, clock, name=name):
            raise LandingFailed(f"{theirs}; try again when it is done")
        if store.replace_if(name, mine.to_bytes(), found.etag):
            return mine
    raise LandingFailed("the lease could not be taken: others were faster, run again")


def renew(
    store: Store, clock: Clock, lease: Lease, duration: timedelta = DURATION, name: str = LEASE
) -> bool:
    """Extend the lease. False when another process has taken the lease over."""
    found, there = store.stat(name), _read(store, name)
    if found is None or there is None or there.holder != lease.holder:
        return False
    later = lease.model_copy(update={"expires": clock() + duration})
    return store.replace_if(name, later.to_bytes(), found.etag)


def refuse_if_lost(store: Store, holder: str, name: str = LEASE) -> None:
    """Raise LandingFailed when another process has taken the lease over (it had expired unrenewed, as in a sleep)."""
    there = _read(store, name)
    if there is None or there.holder != holder:
        raise LandingFailed(_TAKEN_OVER)


def release(store: Store, holder: str, name: str = LEASE) -> None:
    """Release the lease, unless another process has it by now."""
    found, there = store.stat(name), _read(store, name)
    if found and there and there.holder == holder:
        released = there.model_copy(update={"is_released": True})
        store.replace_if(name, released.to_bytes(), found.etag)


def _read(store: Store, name: str) -> Lease | None:
    """The stored lease; None if its holder cannot be read."""
    data = store.read(name)
    lease = Lease.of(data)
    if data and lease is None:
        logger.warning("%s cannot be read: it is held by no one", name)
    return lease


class _Lost(KeyboardInterrupt):
    """The lease is lost. Code that ends on Ctrl-C, as dbt and its queries, ends on this too."""


@contextmanager
def _interruptible() -> Iterator[Callable[[], None]]:
    """Yields a function that raises `_Lost` in the main thread, also out of a blocking call; in another thread it does
    nothing."""
    main = threading.main_thread()
    if threading.current_thread() is not main:
        yield lambda: None
        return

    def lost(*_: object) -> None:
        """End the work: another process has taken the lease over."""
        raise _Lost

    # not SIGINT, which a job in the background ignores
    before = signal.signal(signal.SIGUSR1, lost)
    try:
        yield lambda: signal.pthread_kill(main.ident or 0, signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)

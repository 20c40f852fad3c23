"""Leases: one `run` at a time for a lake, one `extract` at a time for a source. An object put if absent, with an
expiry, taken over by compare and swap once it has run out; released by the same, never deleted, so that nobody deletes
another's lease."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from ingestion.errors import LandfallError, LandingFailed
from ingestion.land.context import Context

logger = logging.getLogger(__name__)

LEASE = "manifests/lease.json"
DURATION = timedelta(minutes=5)
_ATTEMPTS = 3


class Lease(BaseModel):
    """Who holds the lake since when, and until when if not renewed. Times are UTC."""

    model_config = ConfigDict(frozen=True)

    holder: str
    since: datetime
    expires: datetime
    is_released: bool = False

    def to_bytes(self) -> bytes:
        """The lease as it is stored."""
        return self.model_dump_json().encode()


@contextmanager
def hold_lease(
    context: Context, holder: str, duration: timedelta = DURATION, name: str = LEASE
) -> Iterator[None]:
    """Hold what the lease is for as long as the block takes; renewed in the background.

    Raises LandingFailed, saying who has it since when, if somebody else holds it.
    """
    lease = acquire(context, holder, duration, name)
    done = threading.Event()
    words = (context, lease, duration, name, done)
    keeper = threading.Thread(target=_keep, args=words, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
        release(context, holder, name)


def acquire(
    context: Context, holder: str, duration: timedelta = DURATION, name: str = LEASE
) -> Lease:
    """Take the lease, or raise LandingFailed when somebody else holds it."""
    for _ in range(_ATTEMPTS):
        now = context.clock()
        mine = Lease(holder=holder, since=now, expires=now + duration)
        found = context.store.stat(name)
        if found is None:
            if context.store.put_if_absent(name, mine.to_bytes()):
                return mine
            continue
        theirs = _read(context, name)
        if theirs and not theirs.is_released and theirs.expires > now:
            since = f"{theirs.since:%Y-%m-%d %H:%M:%S} UTC"
            raise LandingFailed(
                f"another run is at work: {theirs.holder}, since {since}; try again when it is done"
            )
        if context.store.replace_if(name, mine.to_bytes(), found.etag):
            return mine
    raise LandingFailed("the lease could not be taken: others were faster, run again")


def renew(
    context: Context, lease: Lease, duration: timedelta = DURATION, name: str = LEASE
) -> bool:
    """Put the expiry off. False when somebody else has taken the lease over."""
    found, there = context.store.stat(name), _read(context, name)
    if found is None or there is None or there.holder != lease.holder:
        return False
    later = lease.model_copy(update={"expires": context.clock() + duration})
    return context.store.replace_if(name, later.to_bytes(), found.etag)


def refuse_if_lost(context: Context, holder: str, name: str = LEASE) -> None:
    """Raise LandingFailed when somebody else has taken the lease over (it had run out unrenewed, as in a sleep)."""
    there = _read(context, name)
    if there is None or there.holder != holder:
        raise LandingFailed(
            "another run has taken over meanwhile: nothing was published, run again"
        )


def release(context: Context, holder: str, name: str = LEASE) -> None:
    """Give the lease back, unless somebody else has it by now."""
    found, there = context.store.stat(name), _read(context, name)
    if found and there and there.holder == holder:
        released = there.model_copy(update={"is_released": True})
        context.store.replace_if(name, released.to_bytes(), found.etag)


def _read(context: Context, name: str) -> Lease | None:
    data = context.store.read(name)
    return Lease.model_validate_json(data) if data else None


def _keep(
    context: Context, lease: Lease, duration: timedelta, name: str, done: threading.Event
) -> None:
    while not done.wait(duration.total_seconds() / 3):
        try:
            if not renew(context, lease, duration, name):
                logger.warning("the lease was taken over by another run")
                return
        except LandfallError as error:
            logger.warning("the lease could not be renewed: %s", error)

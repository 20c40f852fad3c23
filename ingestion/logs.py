"""Logging of the process: the standard library's, to standard error, structured when LANDFALL_LOG=json.

Every JSON line has its context: the command (`run_id`), the operation in it (`operation`, of `source` and `table`, for
`load_id`), and the operation's time (`seconds`). Code sets it with `doing`, not in each message.
"""

import json
import logging
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType

from ingestion.outcome import printable

FIELDS = ("run_id", "operation", "source", "table", "load_id", "seconds")
"""The fields of every line, null where they do not apply."""

logger = logging.getLogger(__name__)

_about: ContextVar[Mapping[str, object]] = ContextVar("about", default=MappingProxyType({}))
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def new_run_id() -> str:
    """An id for a piece of work; ids sort by time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"


def current_run_id() -> str:
    """The id of the running command, as in its log; a new one outside a command."""
    return str(_about.get().get("run_id") or new_run_id())


@contextmanager
def labelled(operation: str, **about: str | None) -> Iterator[None]:
    """Lines logged in the block belong to this operation; `about` are some of FIELDS."""
    begun = time.monotonic()
    before = _about.set({**_about.get(), **about, "operation": operation, "begun": begun})
    try:
        yield
    finally:
        _about.reset(before)


@contextmanager
def doing(operation: str, **about: str | None) -> Iterator[None]:
    """As `labelled`; the end of the block is logged, with the seconds that it took."""
    outcome = "failed"
    with labelled(operation, **about):
        try:
            yield
            outcome = "done"
        finally:
            logger.info("%s %s", operation, outcome)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, FIELDS, and the fields that its caller gave it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        about = _about.get()
        begun = about.get("begun")
        seconds = round(time.monotonic() - begun, 3) if isinstance(begun, float) else None
        own = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        return json.dumps(
            {
                "time": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3]
                + "Z",
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": record.getMessage(),
                **{name: about.get(name) for name in FIELDS},
                "seconds": seconds,
                **own,
            },
            default=str,
        )


class PlainFormatter(logging.Formatter):
    """The level and the message, without control sequences of a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        return printable(super().format(record), kept="\n")


def configure_logging(style: str) -> None:
    """Show Landfall's own messages from `info` on when `style` is json, else warnings only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter() if style == "json" else PlainFormatter("%(levelname)s %(message)s")
    )
    ours = logging.getLogger("ingestion")
    ours.handlers = [handler]
    ours.setLevel(logging.INFO if style == "json" else logging.WARNING)
    ours.propagate = False

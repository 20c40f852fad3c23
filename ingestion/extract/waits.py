"""Every wait for a server ends: a watch shuts the connection when it takes too long, and gives the reason.

Drivers wait in C, or byte by byte, and each byte restarts their own time-out. So another thread watches the clock and
closes the driver's socket, and the driver ends with an error of its own.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator

from ingestion.retries import watching

SECONDS_TO_CONNECT = 10
SECONDS_TO_LOG_IN = 30
SECONDS_TO_ANSWER = 120
"""For a query about the database itself: its time, its tables, its columns."""

SECONDS_FOR_A_LOCK = 60
"""A table that others have locked for longer is left out. It is shorter than an answer, whose end ends the session."""

SECONDS_WITHOUT_ROWS = 3_600
"""A table without an index on its watermark is read from end to end before its first row comes."""

SECONDS_FOR_A_TABLE = 86_400
_SECONDS_BETWEEN_LOOKS = 0.5


class Watch:
    """Over one connection's socket. `reason` says why it was shut, once it was."""

    def __init__(self, file: int) -> None:
        self._socket = socket.socket(fileno=os.dup(file))
        self.reason: str | None = None

    def cut(self, reason: str) -> None:
        """Shut the connection; waiting threads get an error at once."""
        self.reason = self.reason or reason
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the watch's own descriptor of the socket; the connection stays as it is."""
        self._socket.close()

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """The block may take this long."""
        timer = threading.Timer(seconds, self.cut, (f"no answer within {seconds:g} seconds",))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def growing(
        self, size: Callable[[], int], most: int
    ) -> contextlib.AbstractContextManager[None]:
        """The block may go on while `size` grows now and then, and until `most`."""
        begun = since = time.monotonic()
        last = size()

        def look() -> bool:
            """Cut the connection if it takes too long or brings too much; else go on looking."""
            nonlocal last, since
            now, new = time.monotonic(), size()
            if new != last:
                last, since = new, now
            if new > most:
                self.cut("more bytes than the contract's limits.expanded_bytes")
            elif now - since > SECONDS_WITHOUT_ROWS:
                self.cut(f"no row within {SECONDS_WITHOUT_ROWS:g} seconds")
            elif now - begun > SECONDS_FOR_A_TABLE:
                self.cut(f"the table is not through within {SECONDS_FOR_A_TABLE:g} seconds")
            return self.reason is None

        return watching(look, _SECONDS_BETWEEN_LOOKS)

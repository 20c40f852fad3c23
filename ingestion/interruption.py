"""Ctrl-C and SIGTERM: both end a command in good order, and are told apart from a failure."""

import signal
from types import FrameType


class Interruption:
    """As a context manager: SIGINT and SIGTERM raise KeyboardInterrupt in the block, and `happened` says so.

    What runs inside may turn that exception into one of its own (DuckDB raises RuntimeError, dbt hands it on as a
    failed result), so the kind of error that comes out tells nothing: `happened` does.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.happened = False

    def __enter__(self) -> "Interruption":
        # what a shell starts in the background is to ignore Ctrl-C
        heard = [sign for sign in self.SIGNALS if signal.getsignal(sign) != signal.SIG_IGN]
        self._before = {sign: signal.signal(sign, self._stop) for sign in heard}
        return self

    def __exit__(self, *_: object) -> None:
        for sign, handler in self._before.items():
            signal.signal(sign, handler)

    def _stop(self, sign: int, frame: FrameType | None) -> None:
        """Raise KeyboardInterrupt at the first signal; a second one must not disturb the tidying up."""
        if not self.happened:
            self.happened = True
            raise KeyboardInterrupt

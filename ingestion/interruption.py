"""Ctrl-C and SIGTERM: both end a command in good order, and are distinguished from a failure."""

import signal
import sys
from types import FrameType


class Interruption:
    """As a context manager: SIGINT and SIGTERM raise KeyboardInterrupt in the block, and `happened` says so.

    Code inside may turn that exception into another (DuckDB raises RuntimeError, dbt returns a failed result), so check
    `happened` and not the type of the error.

    Python drops an exception that is raised in a finalizer or in the callback of a weak reference. A signal at that
    moment is raised again a little later.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)
    AGAIN_AFTER = 0.01
    """Seconds until an exception that Python dropped is raised again."""

    def __init__(self) -> None:
        self.happened = False

    def __enter__(self) -> "Interruption":
        # a shell's background job must ignore Ctrl-C
        heard = [sign for sign in self.SIGNALS if signal.getsignal(sign) != signal.SIG_IGN]
        self._before = {sign: signal.signal(sign, self._stop) for sign in heard}
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._stop_again)
        self._told_before, sys.unraisablehook = sys.unraisablehook, self._dropped
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = self._told_before
        for sign, handler in self._before.items():
            signal.signal(sign, handler)

    def _stop(self, sign: int, frame: FrameType | None) -> None:
        """Raise KeyboardInterrupt at the first signal; a second one must not disturb the tidying up."""
        if not self.happened:
            self.happened = True
            raise KeyboardInterrupt

    def _dropped(self, dropped: "sys.UnraisableHookArgs") -> None:
        """Raise our exception again if Python drops it; any other goes to the previous hook."""
        if self.happened and isinstance(dropped.exc_value, KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, self.AGAIN_AFTER)
        else:
            self._told_before(dropped)

    def _stop_again(self, sign: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

"""Ctrl-C and SIGTERM reach the command wherever they come."""

import signal
import sys
import time
import weakref
from collections.abc import Callable

import pytest

from ingestion.interruption import Interruption


class Anything:
    """What a weak reference can point to."""


class TerminatedWhenCollected:
    """While an object of it is finalized, a signal comes."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def _collected() -> None:
    TerminatedWhenCollected()


def _weakly_referenced() -> None:
    referenced = Anything()
    reference = weakref.ref(referenced, lambda _: signal.raise_signal(signal.SIGTERM))
    del referenced
    assert reference() is None


def _work_on_after(somewhere: Callable[[], None]) -> None:
    somewhere()
    time.sleep(10)


@pytest.mark.parametrize("somewhere", [_collected, _weakly_referenced])
def test_a_signal_where_python_drops_exceptions_still_ends_the_block(
    somewhere: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with Interruption() as interruption:
        with pytest.raises(KeyboardInterrupt):
            _work_on_after(somewhere)
        assert interruption.happened
    assert capsys.readouterr().err == ""


def test_another_exception_that_python_drops_is_told_as_ever(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sys.unraisablehook
    told: list[object] = []
    sys.unraisablehook = lambda dropped: told.append(dropped.exc_value)
    try:
        with Interruption() as interruption:
            referenced = Anything()
            reference = weakref.ref(referenced, lambda _: 1 / 0)
            del referenced
            assert reference() is None
        assert isinstance(told[0], ZeroDivisionError) and not interruption.happened
    finally:
        sys.unraisablehook = before


def test_nothing_of_it_is_left_after_the_block() -> None:
    handlers = [signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)]
    hook = sys.unraisablehook
    with Interruption(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    assert [
        signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
    ] == handlers
    assert sys.unraisablehook == hook and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)

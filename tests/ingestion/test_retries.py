"""The two loops on which every retry and every wait is built, and the looks at a block while it runs."""

from contextvars import ContextVar
from threading import Event
from threading import enumerate as enumerate_threads

from ingestion.retries import ATTEMPTS, attempts, looks, watching
from tests.ingestion.conftest import Clock
from tools.project import ROOT


def test_a_call_is_tried_six_times_and_never_waited_for_after_the_last(clock: Clock) -> None:
    assert list(attempts()) == [False] * (ATTEMPTS - 1) + [True]
    assert clock.slept == [0.1, 0.2, 0.4, 0.8, 1.6]


def test_an_attempt_that_succeeds_is_followed_by_no_pause(clock: Clock) -> None:
    for _ in attempts():
        break
    assert clock.slept == []


def test_the_last_look_at_a_state_is_when_the_time_has_passed(clock: Clock) -> None:
    assert [(clock.now, is_last) for is_last in looks(25, pause=10)] == [
        (0, False),
        (10, False),
        (20, False),
        (25, True),
    ]


def test_a_look_that_takes_longer_than_the_wait_is_followed_by_one_more(clock: Clock) -> None:
    seen = []
    for is_last in looks(25, pause=10):
        seen.append(is_last)
        clock.now += 100
    assert seen == [False, True]


def test_a_state_is_looked_at_once_where_no_time_is_given(clock: Clock) -> None:
    assert list(looks(0, pause=10)) == [True]
    assert clock.slept == []


def test_a_block_is_looked_at_until_it_ends_and_in_its_own_context() -> None:
    label, seen, twice = ContextVar("label", default=""), list[str](), Event()
    before = {*enumerate_threads()}

    def look() -> bool:
        seen.append(label.get())
        if len(seen) == 2:
            twice.set()
        return True

    label.set("ours")
    with watching(look, 0.001):
        assert twice.wait(10)
    assert {*seen} == {"ours"}
    assert {*enumerate_threads()} <= before  # those of other tests may end meanwhile


def test_a_look_that_has_seen_enough_is_the_last() -> None:
    seen, first = list[int](), Event()

    def look() -> bool:
        seen.append(1)
        first.set()
        return False

    with watching(look, 0.001):
        assert first.wait(10)
        assert not Event().wait(0.05)
    assert seen == [1]


def test_no_other_module_makes_a_pause_of_its_own() -> None:
    package = ROOT / "ingestion"
    pausing = [path for path in package.rglob("*.py") if "time.sleep" in path.read_text()]
    assert pausing == [package / "retries.py"]

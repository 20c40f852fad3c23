"""Whatever the storage answers, and whoever was faster: nothing leaves the inbox that is not committed."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import BadSettings, LandingFailed
from ingestion.land import Context, land, reland, retract, utc_now
from ingestion.loads.manifest import is_manifest
from ingestion.outcome import Outcome
from ingestion.pseudonyms import KEY_RECORD
from ingestion.store import LocalStore
from tests.ingestion.lakes import OTHER_KEY, Lake, customers

DAY = "shop/2026-01-{:02}/customer.csv"
BAD_ROW = "C99,2/30/2001,1\n"


@pytest.fixture
def lying(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool, Callable[[str], bool]], None]:
    """Make conditional puts do nothing and say that they were refused, or that they were done."""

    def install(answer: bool, of: Callable[[str], bool]) -> None:
        honest = LocalStore.put_all_if_absent

        def answered(self: LocalStore, items: Any) -> tuple[bool, ...]:
            true = [(key, data) for key, data in items if not of(key)]
            honest(self, true)
            return tuple(answer if of(key) else True for key, _ in items)

        monkeypatch.setattr(LocalStore, "put_all_if_absent", answered)

    return install


@pytest.mark.parametrize("answer", [False, True], ids=["refused", "done"])
def test_a_commit_of_which_nothing_is_there_clears_nothing(
    local_lake: Lake, lying: Any, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    local_lake.put(DAY.format(1), customers(1, 2))
    lying(answer, is_manifest)
    with pytest.raises(LandingFailed, match=r"manifests/shop/customer/.* is missing"):
        local_lake.land()
    assert local_lake.inbox == [DAY.format(1)]
    monkeypatch.undo()
    assert local_lake.land_one().outcome == "landed"


@pytest.mark.parametrize("answer", [False, True], ids=["refused", "done"])
@pytest.mark.parametrize("what", ["reland", "retract"])
def test_a_generation_of_which_nothing_is_there_is_not_believed(
    local_lake: Lake, lying: Any, answer: bool, what: str
) -> None:
    local_lake.put(DAY.format(1), customers(1, 2))
    load_id = str(local_lake.land_one().load_id)
    lying(answer, is_manifest)
    work = reland if what == "reland" else partial(retract, reason="wrong")
    with pytest.raises(LandingFailed, match="is missing"):
        work(local_lake.context, "shop.customer", load_id)


@pytest.mark.parametrize("answer", [False, True], ids=["refused", "done"])
def test_a_key_of_which_no_record_is_there_makes_no_pseudonyms(
    local_lake: Lake, lying: Any, answer: bool
) -> None:
    local_lake.put(DAY.format(1), customers(1, 2))
    lying(answer, KEY_RECORD.__eq__)
    with pytest.raises(LandingFailed, match="is missing"):
        local_lake.land()
    assert local_lake.manifests == []


def at_the_commit(
    monkeypatch: pytest.MonkeyPatch, what: Callable[[], Any], at: str = "put_file"
) -> None:
    """Do something once, in between, before the next call of the store's method that lands rows."""
    original = getattr(LocalStore, at)

    def interrupted(self: LocalStore, *words: Any) -> Any:
        if "raw/shop" in str(words) or at != "put_file":
            monkeypatch.setattr(LocalStore, at, original)
            what()
        return original(self, *words)

    monkeypatch.setattr(LocalStore, at, interrupted)


def other_lander(lake: Lake, *days: tuple[int, str]) -> Callable[[], list[Outcome]]:
    """Another lander with these deliveries of its own, which it lands from the same lake."""

    def work() -> list[Outcome]:
        for day, content in days:
            lake.put(DAY.format(day), content)
        return [lake.land_one(object_key=DAY.format(day)) for day, _ in days]

    return work


def test_a_cut_extract_is_judged_on_what_was_committed_meanwhile(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_lake.put(DAY.format(2), customers(1))
    at_the_commit(monkeypatch, other_lander(local_lake, (1, customers(*range(100)))))
    outcome = local_lake.land_one()
    assert (outcome.outcome, outcome.code, outcome.landed) == ("refused", "row_floor", 0)
    assert local_lake.inbox == [DAY.format(2)]
    assert [manifest.landed for manifest in local_lake.manifests] == [100]
    assert local_lake.query("select count(*) from raw_shop.customer") == [(100,)]
    assert local_lake.query("select code from raw_landfall.refusals") == [("row_floor",)]


def test_a_released_extract_lands_whatever_was_committed_meanwhile(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_lake.put(DAY.format(2), customers(1))
    load_id = local_lake.land_one(dry_run=True).load_id
    at_the_commit(monkeypatch, other_lander(local_lake, (1, customers(*range(100)))))
    outcome = local_lake.land_one(release=load_id)
    assert (outcome.outcome, outcome.warnings) == ("landed", {"row_floor": 1})
    assert [m.warnings for m in local_lake.manifests if m.landed == 1] == [{"row_floor": 1}]


def test_kept_rows_are_counted_on_what_was_committed_meanwhile(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_lake.put(DAY.format(2), customers(*range(50)) + BAD_ROW)
    at_the_commit(monkeypatch, other_lander(local_lake, (1, customers(*range(50), 99))))
    assert local_lake.land_one().quarantined == 1
    assert local_lake.query("select rows_kept from raw_landfall.loads order by extract_date") == [
        (0,),
        (1,),
    ]


def test_warnings_are_of_what_was_committed_meanwhile(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_lake.put(DAY.format(2), customers(*range(50)))
    at_the_commit(monkeypatch, other_lander(local_lake, (3, customers(*range(50)))))
    assert local_lake.land_one().warnings == {"late_extract": 1}


def test_the_next_day_is_judged_on_the_day_that_another_lander_has_cleared(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_lake.put(DAY.format(1), customers(*range(100)))
    local_lake.put(DAY.format(2), customers(1))
    at_the_commit(monkeypatch, lambda: local_lake.land(object_key=DAY.format(1)), at="fetch")
    gone, refused = local_lake.land()
    assert (gone.outcome, gone.message[:19]) == ("nothing", "gone from the inbox")
    assert (refused.outcome, refused.code) == ("refused", "row_floor")


def test_parts_whose_others_are_gone_stay_until_a_load_has_them(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"shop/dms/customer/LOAD0000000{n}.csv" for n in (1, 2)]
    for name in names:
        local_lake.put(name, "C1,1/2/1980,5\n")
    local_lake.now = utc_now() + timedelta(minutes=9)
    at_the_commit(monkeypatch, lambda: local_lake.store.delete(f"inbox/{names[0]}"), at="fetch")
    outcome = local_lake.land_one()
    assert (outcome.outcome, outcome.code) == ("waiting", "still_arriving")
    assert local_lake.inbox == names[1:]


def test_the_key_of_whoever_was_faster_is_the_lakes(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_lake.put(DAY.format(1), customers(1, 2))
    other = Lake(
        Path(local_lake.settings.project_dir).parent, local_lake.settings.lake, key=OTHER_KEY
    )
    context: Context = local_lake.context
    at_the_commit(monkeypatch, lambda: other.land(), at="put_all_if_absent")
    with pytest.raises(BadSettings, match="not the pseudonym key"):
        land(context)
    stored = json.loads(local_lake.store.read(KEY_RECORD))
    assert stored["key_id"] == other.context.pseudonyms.key_id  # type: ignore[union-attr]

"""A source's `_ready`, by which it says that it has delivered everything."""

from tests.ingestion.lakes import Lake, customers


def test_an_empty_marker_is_no_extract_and_is_gone_once_all_was_looked_at(lake: Lake) -> None:
    lake.put("shop/2026-01-11/customer.csv", customers(1))
    lake.put("shop/2026-01-11/_ready", "")
    lake.put("shop/_ready", "")
    assert lake.land(dry_run=True)[0].outcome == "landed"
    assert lake.land(source="shop")[0].outcome == "landed"
    assert lake.inbox == [
        "shop/2026-01-11/_ready",
        "shop/_ready",
    ]  # of one source not all is looked at
    assert (lake.land(), lake.inbox) == ([], [])


def test_what_is_called_so_and_holds_something_is_refused_and_stays(lake: Lake) -> None:
    lake.put("shop/_ready", "something")
    (outcome,) = lake.land()
    assert (outcome.outcome, outcome.code) == ("refused", "unknown_table")
    assert lake.inbox == ["shop/_ready"]

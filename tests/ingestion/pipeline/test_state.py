"""What a run has to build again for."""

from datetime import date
from itertools import pairwise

from ingestion.land import retract
from ingestion.loads import read_loads
from ingestion.pipeline.news import changed_parts
from ingestion.pipeline.state import state_of
from tests.ingestion.lakes import Lake, customers, visits


def state(lake: Lake, as_of: date | None = None) -> dict[str, str]:
    return state_of(lake.context, as_of)


def test_loads_refusals_and_the_day_decide_what_is_built(local_lake: Lake) -> None:
    seen = [state(local_lake)]
    local_lake.put("shop/2026-01-01/customer.csv", customers(1))
    local_lake.land()
    seen.append(state(local_lake))
    local_lake.put("shop/2026-01-02/customer.csv", "no,such,heading\n1,2,3\n")
    local_lake.land()
    seen.append(state(local_lake))
    seen.append(state(local_lake, date(2026, 1, 1)))
    assert [changed_parts(*pair) for pair in pairwise(seen)] == [
        {"loads of shop.customer", "newest extract of shop"},
        {"refusals"},
        {"project"},
    ]


def test_each_table_has_its_own_loads_and_a_source_its_newest_day(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-02/customer.csv", customers(1))
    local_lake.land()
    before = state(local_lake)
    local_lake.put("shop/2026-01-01/visit.csv", visits((1, "C1")))
    local_lake.land()
    assert changed_parts(before, state(local_lake)) == {"loads of shop.visit"}


def test_a_load_that_is_retracted_is_news_of_its_table(local_lake: Lake) -> None:
    for day in (1, 2):
        local_lake.put(f"shop/2026-01-0{day}/customer.csv", customers(day))
    local_lake.land()
    before = state(local_lake)
    newest = read_loads(local_lake.context.store).counted("shop.customer")[-1]
    retract(local_lake.context, "shop.customer", newest.load_id, "a test", is_surplus=True)
    after = state(local_lake)
    assert changed_parts(before, after) == {"loads of shop.customer", "newest extract of shop"}
    assert after["newest extract of shop"] == "2026-01-01"


def test_what_is_refused_still_is_nothing_new(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-02/customer.csv", "no,such,heading\n1,2,3\n")
    local_lake.land()
    before = state(local_lake)
    local_lake.land()
    assert state(local_lake) == before

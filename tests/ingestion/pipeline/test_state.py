"""What a run has to build again for."""

from datetime import date

from ingestion.pipeline.state import state_of
from tests.ingestion.lakes import Lake, customers


def state(lake: Lake, as_of: date | None = None) -> str:
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
    assert len(set(seen)) == len(seen)


def test_what_is_refused_still_is_nothing_new(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-02/customer.csv", "no,such,heading\n1,2,3\n")
    local_lake.land()
    before = state(local_lake)
    local_lake.land()
    assert state(local_lake) == before

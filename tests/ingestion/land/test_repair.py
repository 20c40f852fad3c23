"""What a person may do afterwards: reland, retract, discard, register, status; and the lease of `run`."""

import json
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from ingestion import land as lander
from ingestion.errors import BadSettings, LandingFailed
from ingestion.land import utc_now
from ingestion.store.lease import LEASE, acquire, hold_lease, refuse_if_lost, release, renew
from tests.ingestion.lakes import (
    CONTRACT,
    HEADER,
    OTHER_KEY,
    Lake,
    customers,
    visits,
    write_project,
)


def rows(lake: Lake) -> list[tuple[Any, ...]]:
    return lake.query("select load_id, count(*) from raw_shop.customer group by all order by all")


def counted(lake: Lake) -> list[tuple[Any, ...]]:
    return lake.query(
        "select load_id, load_number, is_counted, is_retracted from raw_landfall.loads order by all"
    )


def test_a_load_is_landed_again_under_todays_contract(lake: Lake) -> None:
    lake.put("shop/2026-01-01/customer.csv", customers(*range(9)) + "C9,2026-01-31,1\n")
    lake.put("shop/2026-01-02/customer.csv", customers(*range(10)))
    first, second = lake.land()
    assert first.quarantined == 1
    write_project(
        lake.settings.project_dir,
        CONTRACT.replace("format: M/D/YYYY", "format: [M/D/YYYY, YYYY-MM-DD]"),
    )
    outcomes = lander.reland(lake.context, "shop.customer", first.load_id)
    assert [(o.outcome, o.landed, o.load_id) for o in outcomes] == [
        ("landed", 10, f"{first.load_id}-2")
    ]
    assert sorted(rows(lake)) == sorted([(f"{first.load_id}-2", 10), (second.load_id, 10)])
    assert sorted(counted(lake)) == sorted(
        [
            (first.load_id, None, False, False),
            (f"{first.load_id}-2", 1, True, False),
            (second.load_id, 2, True, False),
        ]
    )
    again = lander.reland(lake.context, "shop.customer")
    assert [o.load_id for o in again] == [
        f"{second.load_id}-2"
    ]  # the other one is under today's contract by now
    assert lander.reland(lake.context, "shop.customer") == []
    assert lake.query("select count(*) from raw_landfall.quarantined_rows") == [(1,)]


def test_a_load_that_todays_contract_refuses_stays_as_it_was(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(*range(20)))
    outcome = local_lake.land_one()
    before = rows(local_lake)
    write_project(
        local_lake.settings.project_dir, CONTRACT.replace("format: M/D/YYYY", "format: YYYY-MM-DD")
    )
    (refused,) = lander.reland(local_lake.context, "shop.customer", outcome.load_id)
    assert (refused.outcome, refused.code, refused.quarantined) == (
        "refused",
        "too_many_rejects",
        20,
    )
    assert rows(local_lake) == before
    assert len(local_lake.manifests) == 1


def test_relanding_the_same_gives_the_same_rows(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(*range(20), 3) + "C20,2/30/2001,1\n")
    outcome = local_lake.land_one()
    lander.reland(local_lake.context, "shop.customer", outcome.load_id)
    first, second = local_lake.manifests
    facts = {
        "rows_in",
        "landed",
        "quarantined",
        "duplicates",
        "data_sha256",
        "sums",
        "object_modified_at",
        "sha256",
    }
    assert first.model_dump(include=facts) == second.model_dump(include=facts)


def test_relanding_what_is_not_there(local_lake: Lake) -> None:
    for table, load_id in (
        ("shop.none", None),
        ("nonsense", None),
        ("shop.customer", "0123456789abcdef"),
    ):
        with pytest.raises(BadSettings):
            lander.reland(local_lake.context, table, load_id)


def test_a_damaged_archive_is_noticed(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1))
    outcome = local_lake.land_one()
    (archived,) = local_lake.keys("archive/")
    local_lake.store.put(archived, b"other")
    with pytest.raises(LandingFailed, match="not what was landed"):
        lander.reland(local_lake.context, "shop.customer", outcome.load_id)
    local_lake.store.delete(archived)
    with pytest.raises(LandingFailed, match="not in the archive"):
        lander.reland(local_lake.context, "shop.customer", outcome.load_id)


def test_a_retracted_load_leaves_the_catalogue_and_may_come_back(lake: Lake) -> None:
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    lake.put("shop/2026-01-02/customer.csv", customers(1, 2))
    first, second = lake.land()
    for _ in range(2):
        lander.retract(lake.context, "shop.customer", str(second.load_id), "sent by mistake")
    assert rows(lake) == [(first.load_id, 1)]
    assert lake.query("select reason from raw_landfall.loads where is_retracted") == [
        ("sent by mistake",)
    ]
    assert lake.query("select sum(load_number), count(*) from raw_landfall.loads") == [(1, 3)]
    lake.put("shop/2026-01-02/customer.csv", customers(1, 2))
    again = lake.land_one()
    assert (again.outcome, "retracted" in again.message) == ("nothing", True)
    assert rows(lake) == [(first.load_id, 1)]
    (outcome,) = lander.reland(lake.context, "shop.customer", second.load_id)
    assert outcome.load_id == f"{second.load_id}-3"
    assert sorted(rows(lake)) == sorted([(first.load_id, 1), (outcome.load_id, 2)])


def test_retracting_needs_a_load_and_a_reason(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1))
    outcome = local_lake.land_one()
    with pytest.raises(BadSettings, match="reason"):
        lander.retract(local_lake.context, "shop.customer", str(outcome.load_id), "  ")
    with pytest.raises(BadSettings, match="no load"):
        lander.retract(local_lake.context, "shop.customer", "0123456789abcdef", "why")


def test_a_refused_object_is_put_aside_with_the_reason(lake: Lake) -> None:
    lake.put("shop/2026-01-01/customer.csv", HEADER + "C1,nonsense,1\n" * 20)
    lake.put("shop/picture.png", b"\x89PNG")
    lake.land()
    for name in ("shop/picture.png", "inbox/shop/2026-01-01/customer.csv"):
        place = lander.discard(lake.context, name, "not wanted")
        assert place in lake.keys("archive/discarded/")
    assert lake.inbox == []
    records = [
        json.loads(lake.store.read(key)) for key in lake.keys("archive/") if key.endswith(".json")
    ]
    assert sorted((r["object"], r["code"], r["reason"]) for r in records) == [
        ("inbox/shop/2026-01-01/customer.csv", "too_many_rejects", "not wanted"),
        ("inbox/shop/picture.png", "unknown_table", "not wanted"),
    ]
    assert lake.query("select table_name, code from raw_landfall.refusals") == [
        ("customer", "discarded")
    ]
    assert lake.land() == []
    with pytest.raises(BadSettings, match="no such object"):
        lander.discard(lake.context, "shop/picture.png", "a picture")


def missing(lake: Lake) -> list[tuple[Any, ...]]:
    """The extracts that count as missing, as the warehouse knows them and as `status` shows them."""
    known = lake.query(
        "select object_name, extract_date from raw_landfall.refusals"
        " where code in ('discarded', 'retracted') order by object_name"
    )
    files = lander.status(lake.context, "shop").files
    shown = [one.file for one in files if one.state in ("discarded", "retracted")]
    assert shown == [name for name, _ in known]
    assert sum(record.missing for record in lander.status(lake.context).tables) == len(known)
    return known


BROKEN = HEADER + "C1,nonsense,1\n" * 20


def test_a_discarded_day_is_missing_until_a_full_extract_of_it_lands(local_lake: Lake) -> None:
    lake, name = local_lake, "shop/2026-01-02/customer.csv"
    for day in ("2026-01-01", "2026-01-03"):
        lake.put(f"shop/{day}/customer.csv", customers(1))
    lake.put(name, BROKEN)
    lake.land()
    assert missing(lake) == []
    lander.discard(lake.context, name, "broken")
    assert missing(lake) == [(name, date(2026, 1, 2))]
    lake.put("shop/2026-01-04/customer.csv", customers(1))
    lake.put(name, BROKEN)
    assert {outcome.outcome for outcome in lake.land()} == {"landed", "refused"}
    lander.discard(lake.context, name, "broken again")
    assert missing(lake) == [(name, date(2026, 1, 2))]
    load = "shop/dms/customer/LOAD00000001.csv"
    lake.put(load, "C1,1/2/1980,1\n")
    lake.now = utc_now() + timedelta(hours=1)  # its parts are all there
    landed = lake.land_one(object_key=load, extract_date=date(2026, 1, 2))
    assert landed.outcome == "landed"
    assert missing(lake) == []


def test_a_discarded_increment_is_missing_until_that_very_one_lands(local_lake: Lake) -> None:
    lake = local_lake
    names = [f"shop/dms/customer/2026010{day}-120000000.csv" for day in (2, 3)]
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    for name in names:
        lake.put(name, "I,C2,1/2/1980,1\n")
    lander.discard(lake.context, names[0], "not looked at yet")
    lake.land()
    assert missing(lake) == [(names[0], date(2026, 1, 2))]
    lake.put(names[0], "I,C2,1/2/1980,1\n")
    lake.land()
    assert missing(lake) == []


def test_what_is_surplus_is_not_missing_whenever_that_is_said(local_lake: Lake) -> None:
    lake, name = local_lake, "shop/2026-01-02/customer.csv"
    lake.put(name, BROKEN)
    lake.put("shop/2026-01-03/customer.csv", BROKEN)
    lake.land()
    lander.discard(lake.context, name, "a test", is_surplus=True)
    assert missing(lake) == []
    lander.discard(lake.context, "shop/2026-01-03/customer.csv", "broken")
    assert len(missing(lake)) == 1
    lander.discard(lake.context, "shop/2026-01-03/customer.csv", "a test", is_surplus=True)
    assert missing(lake) == []
    with pytest.raises(BadSettings, match="no such object"):
        lander.discard(lake.context, name, "a test", is_surplus=True)
    records = [lake.store.read(key) for key in lake.keys("archive/") if key.endswith(".json")]
    assert sorted(json.loads(record)["reason"] for record in records) == [
        "a test", "a test", "broken",
    ]  # fmt: skip


def test_a_second_delivery_of_a_landed_day_is_discarded_and_nothing_is_missing(
    local_lake: Lake,
) -> None:
    lake = local_lake
    lake.put("shop/2026-01-02/customer.csv", customers(1))
    lake.land()
    lake.put("shop/2026-01-02/customer.csv", BROKEN)
    lake.land()
    lander.discard(lake.context, "shop/2026-01-02/customer.csv", "sent twice")
    assert missing(lake) == []


def test_the_day_of_a_retracted_load_is_missing_until_it_lands_or_is_called_surplus(
    local_lake: Lake,
) -> None:
    lake = local_lake
    names = [f"shop/2026-01-0{day}/customer.csv" for day in (1, 2, 3)]
    for name in names:
        lake.put(name, customers(1))
    loads = {one.extract: one.load_id for one in lake.land()}

    def retract(name: str, *, is_surplus: bool = False) -> None:
        load_id = loads[name]
        assert load_id
        lander.retract(
            lake.context, "shop.customer", load_id, "a wrong file", is_surplus=is_surplus
        )

    retract(names[0])
    retract(names[1])
    retract(names[2], is_surplus=True)
    days = [(names[0], date(2026, 1, 1)), (names[1], date(2026, 1, 2))]
    assert missing(lake) == days
    states = [one.state for one in lander.status(lake.context, "shop").files]
    assert states == ["retracted", "retracted"]
    lake.put("shop/2026-01-01/customer.csv", customers(2))
    lake.land()
    assert missing(lake) == days[1:]
    retract(names[1], is_surplus=True)
    assert missing(lake) == []


def test_a_load_beside_which_another_holds_the_day_is_retracted_and_nothing_is_missing(
    local_lake: Lake,
) -> None:
    lake, name = local_lake, "shop/2026-01-01/customer.csv"
    lake.put(name, customers(1))
    first = lake.land_one().load_id
    lake.put(name, customers(1, 2))
    lake.land()
    assert first
    lander.retract(lake.context, "shop.customer", first, "half of it")
    assert missing(lake) == []


def test_register_repairs_from_the_manifests(lake: Lake) -> None:
    lake.put("shop/2026-01-01/customer.csv", customers(1, 2))
    lake.land()
    before = rows(lake)
    lake.settings.warehouse.unlink()
    for key in lake.keys("raw/landfall/"):
        lake.store.delete(key)
    lander.register(lake.context)
    assert rows(lake) == before
    assert lake.query("select count(*) from raw_landfall.loads") == [(1,)]
    assert lake.query("select count(*) from raw_shop.visit") == [(0,)]


def test_the_status_of_each_table(local_lake: Lake) -> None:
    lake = local_lake
    lake.put("shop/2026-01-01/customer.csv", customers(1, 2))
    lake.put("shop/2026-01-02/customer.csv", customers(1, 2) + "C3,2/30/2001,1\n")
    lake.put("shop/2026-01-01/visit.csv", "visit_id\n1\n")
    lake.put("shop/picture.png", b"\x89PNG")
    lake.land()
    lake.put("shop/2026-01-03/visit.csv", visits((1, "C1")))
    by_table = {record.table: record for record in lander.status(lake.context).tables}
    customer = by_table["shop.customer"]
    assert (customer.last_extract, customer.rows, customer.quarantined, customer.loads) == (
        date(2026, 1, 2),
        2,
        1,
        2,
    )
    assert (by_table["shop.visit"].refused, by_table["shop.visit"].waiting) == (1, 1)
    assert by_table["(no table)"].refused == 1
    assert by_table["shop.note"].last_extract is None


def test_only_one_run_holds_the_lake(lake: Lake) -> None:
    lake.now = datetime(2026, 1, 1, 8, 0)
    held = pytest.raises(LandingFailed, match="first, since 2026-01-01 08:00:00")
    with hold_lease(lake.store, lake.context.clock, "first"), held:
        acquire(lake.store, lake.context.clock, "second")
    with hold_lease(lake.store, lake.context.clock, "second"):
        pass


def test_a_lease_that_has_run_out_is_taken_over(lake: Lake) -> None:
    lake.now = datetime(2026, 1, 1, 8, 0)
    dead = acquire(lake.store, lake.context.clock, "dead", timedelta(minutes=5))
    lake.now = datetime(2026, 1, 1, 8, 4)
    assert renew(lake.store, lake.context.clock, dead, timedelta(minutes=5))
    lake.now = datetime(2026, 1, 1, 8, 8)
    with pytest.raises(LandingFailed):
        acquire(lake.store, lake.context.clock, "heir")
    lake.now = datetime(2026, 1, 1, 8, 10)
    acquire(lake.store, lake.context.clock, "heir")
    assert not renew(lake.store, lake.context.clock, dead)
    refuse_if_lost(lake.store, "heir")
    with pytest.raises(LandingFailed, match="nothing was published"):
        refuse_if_lost(lake.store, "dead")
    release(lake.store, "dead")
    assert json.loads(lake.store.read(LEASE))["holder"] == "heir"
    assert not json.loads(lake.store.read(LEASE))["is_released"]


@pytest.mark.parametrize("how", ["taken over", "run out"])
def test_who_has_lost_the_lease_is_stopped_at_work(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    lease, now = timedelta(seconds=0.3), utc_now()
    clock = [now]
    stopped = False

    def unreachable(*_: object) -> bool:
        raise LandingFailed("no answer")

    with (  # noqa: PT012 (it is raised out of the sleep)
        pytest.raises(LandingFailed, match="another run has taken over"),
        hold_lease(lake.store, lambda: clock[0], "sleeper", lease),
    ):
        try:
            if how == "run out":
                monkeypatch.setattr("ingestion.store.lease.renew", unreachable)
                clock[0] += timedelta(seconds=1)
            if how == "taken over":
                # by a later clock than that of the sleeper, whose lease may be renewed at any moment
                acquire(lake.store, lambda: now + timedelta(hours=1), "heir", timedelta(hours=1))
            time.sleep(20)
        except KeyboardInterrupt:
            stopped = True
            raise
    assert stopped
    refuse_if_lost(lake.store, "heir" if how == "taken over" else "sleeper")


# pseudonyms -----------------------------------------------------------------------------------


def test_equal_identifiers_join_across_tables_and_no_others(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1, 2))
    local_lake.put("shop/2026-01-01/visit.csv", visits((7, "C1"), (8, "C9")))
    local_lake.land()
    joined = local_lake.query(
        "select visit_id from raw_shop.visit join raw_shop.customer on customer_pseudonym = customer_id_pseudonym"
    )
    assert joined == [(7,)]
    (row,) = local_lake.query(
        "select distinct length(customer_id_pseudonym), _pseudonym_key_id from raw_shop.customer"
    )
    assert row == (64, local_lake.context.pseudonyms.key_id)  # type: ignore[union-attr]


def test_without_a_key_nothing_is_landed(local_lake: Lake) -> None:
    local_lake.settings = replace(local_lake.settings, key=None)
    local_lake.put("shop/2026-01-01/note.csv", "body\na\n")
    local_lake.put("shop/2026-01-02/customer.csv", customers(1))
    with pytest.raises(BadSettings, match=r"shop\.customer has pseudonyms"):
        local_lake.land()
    assert local_lake.manifests == []


def test_another_key_than_the_lakes_is_refused(lake: Lake) -> None:
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    lake.land()
    lake.settings = replace(lake.settings, key=OTHER_KEY)
    lake.put("shop/2026-01-02/customer.csv", customers(1))
    with pytest.raises(BadSettings, match="not the pseudonym key of the lake"):
        lake.land()
    assert len(lake.manifests) == 1

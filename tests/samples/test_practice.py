"""The invented practice hangs together: references, the ledger's rules, and shares that a real one could have."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from samples.practice import Options, TrueDay, true_days
from samples.practice.opening import holidays, is_open

pytestmark = pytest.mark.slow

Row = tuple[object, ...]


@pytest.fixture(scope="module")
def days() -> list[TrueDay]:
    return list(true_days(Options(days=90, patients=600, employees=30, seed=11)))


@pytest.fixture(scope="module")
def last(days: list[TrueDay]) -> TrueDay:
    return days[-1]


@pytest.fixture(scope="module")
def large() -> TrueDay:
    options = Options(days=120, patients=3000, employees=90, seed=3, last=1)
    return next(iter(true_days(options)))


def keys(day: TrueDay, table: str) -> set[object]:
    return {row[0] for row in day.tables[table]}


def outcomes(day: TrueDay) -> list[tuple[datetime, str]]:
    """Start and outcome of the encounters before that day."""
    found = []
    for row in day.tables["encounter"]:
        start = datetime.strptime(str(row[2]), "%Y-%m-%d %H:%M")
        word = str(row[3]).lower().replace("-", " ").replace("noshow", "no show")
        if start.date() < day.date:
            found.append((start, word))
    return found


def test_keys_are_unique(days: list[TrueDay]) -> None:
    for day in (days[0], days[45], days[-1]):
        for table, rows in day.tables.items():
            if table != "yelpmerge1":
                assert len({row[0] for row in rows}) == len(rows), table


def test_references_point_at_what_was_there_once(days: list[TrueDay], last: TrueDay) -> None:
    ever = {t: set().union(*(keys(day, t) for day in days)) for t in ("patient", "employee")}
    plans = keys(last, "insurance") | {None}
    tables = last.tables
    assert {row[1] for row in tables["appointment"]} <= ever["employee"]
    assert {row[4] for row in tables["appointment"]} <= ever["employee"] | {"Portal"}
    assert {row[1] for row in tables["encounter"]} <= ever["patient"]
    assert {row[7] for row in tables["patient"]} <= plans
    assert {row[1] for row in tables["account"]} <= plans
    assert {row[1] for row in tables["claim"]} <= keys(last, "encounter")
    assert {row[2] for row in tables["ledger"]} <= keys(last, "claim") | {None}
    assert {row[3] for row in tables["ledger"]} <= keys(last, "encounter") | {None}
    assert {row[7] for row in tables["ledger"]} <= plans | {"patient"}
    appointments = {row[0]: row for row in tables["appointment"]}
    linked = [row for row in tables["encounter"] if row[4] is not None]
    assert linked
    assert all(appointments[row[4]][5] == row[1] for row in linked)


def test_only_visits_since_the_change_name_their_appointment(last: TrueDay) -> None:
    since = (last.date - timedelta(days=44)).isoformat()
    for row in last.tables["encounter"]:
        assert row[4] is None or str(row[2]) >= since


def test_ledger_amounts_are_never_negative_and_transfers_net_to_zero(last: TrueDay) -> None:
    transfers: dict[object, Decimal] = defaultdict(Decimal)
    for row in last.tables["ledger"]:
        amount = row[6]
        assert isinstance(amount, Decimal)
        assert amount > 0
        if row[5] in ("transfer_out", "transfer_in"):
            transfers[row[2]] += amount if row[5] == "transfer_in" else -amount
    assert len(transfers) > 100
    assert not any(transfers.values())


def test_ledger_totals_are_the_sums_of_the_entries(days: list[TrueDay]) -> None:
    for day in (days[0], days[-1]):
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in day.tables["ledger"]:
            sums[str(row[5])] += Decimal(str(row[6]))
        assert sums == day.ledger


def test_entries_stay_as_they_were_posted(days: list[TrueDay]) -> None:
    for before, after in pairwise(days):
        old, new = before.tables["ledger"], after.tables["ledger"]
        assert new[: len(old)] == old
        assert all(row[13] == after.date for row in new[len(old) :])
        assert all(row[12] is None or row[12] <= row[13] for row in new[len(old) :])  # type: ignore[operator]


def test_charges_balance_once_their_claim_is_closed(last: TrueDay) -> None:
    sign = {"charge": 1, "refund": 1, "transfer_in": 1}
    plan_of = {row[0]: row[3] for row in last.tables["claim"]}
    owed: dict[tuple[object, object, object], Decimal] = defaultdict(Decimal)
    for row in last.tables["ledger"]:
        payer = row[7] or plan_of.get(row[2], "patient")
        owed[row[2], row[1], payer] += sign.get(str(row[5]), -1) * Decimal(str(row[6]))
    closed = {row[0] for row in last.tables["claim"] if row[7] == "Closed"}
    assert len(closed) > 500
    assert not any(balance for (claim, _, _), balance in owed.items() if claim in closed)
    assert any(balance < 0 for balance in owed.values())


def test_everything_that_can_happen_to_money_happens(large: TrueDay) -> None:
    ledger = large.tables["ledger"]
    assert {row[5] for row in ledger} == {
        "charge", "payment", "adjustment", "refund", "transfer_out", "transfer_in"
    }  # fmt: skip
    assert {row[11] for row in ledger} == {None, "contractual", "write_off", "charity", "bad_debt"}
    assert {row[9] for row in ledger} == {None, "cash", "check", "echeck", "card", "copay"}
    assert {row[8] for row in ledger} == {None, "secondary", "patient"}
    assert any(row[1] is None for row in ledger)
    statuses = {row[7] for row in large.tables["claim"]}
    assert statuses == {"Submitted", "Accepted", "Denied", "Paid", "Closed"}
    resubmitted = [row for row in large.tables["claim"] if row[8] and row[7] == "Paid"]
    assert resubmitted


def test_shares_are_a_practices(large: TrueDay) -> None:
    past = outcomes(large)
    share = {word: sum(w == word for _, w in past) / len(past) for word in {w for _, w in past}}
    assert set(share) == {"completed", "cancelled", "no show", "checked in", "scheduled"}
    assert 0.70 < share["completed"] < 0.92
    assert 0.03 < share["no show"] < 0.11
    assert 0.04 < share["cancelled"] < 0.16
    assert 0 < share["scheduled"] < 0.03
    denied = [row for row in large.tables["claim"] if row[8] is not None]
    assert 0.03 < len(denied) / len(large.tables["claim"]) < 0.18
    accounts = large.tables["account"]
    overdue = [r for r in accounts if r[4] > 0 and r[3] is not None and r[3] < large.date]  # type: ignore[operator]
    assert 0.03 < len(overdue) / len(accounts) < 0.35
    assert 0 < sum(row[4] < 0 for row in accounts) / len(accounts) < 0.12  # type: ignore[operator]
    assert all((row[3] is None) == (row[4] <= 0) for row in accounts)  # type: ignore[operator]


def test_early_on_monday_more_patients_stay_away(large: TrueDay) -> None:
    met = [(start, word) for start, word in outcomes(large) if word in ("completed", "no show")]
    early = [word for start, word in met if start.weekday() == 0 and start.hour < 10]
    other = [word for start, word in met if start.weekday() != 0 or start.hour >= 10]
    assert early.count("no show") / len(early) > 2 * other.count("no show") / len(other)


def test_nobody_is_seen_on_sundays_and_holidays(large: TrueDay) -> None:
    starts = [start.date() for start, _ in outcomes(large)]
    assert all(is_open(day) for day in starts)
    saturdays = sum(day.weekday() == 5 for day in starts)
    assert 0 < saturdays < sum(day.weekday() == 4 for day in starts) / 2
    assert date(2021, 11, 25) in holidays(2021)
    assert date(2022, 5, 30) in holidays(2022)


def test_the_future_is_scheduled(last: TrueDay) -> None:
    coming = [row for row in last.tables["encounter"] if str(row[2]) > f"{last.date} 24"]
    assert len(coming) > 20
    assert {str(row[3]).lower() for row in coming} == {"scheduled", "cancelled"}
    booked = [row for row in last.tables["appointment"] if row[2] > last.date]  # type: ignore[operator]
    assert len(booked) > len(coming) / 2


def test_people_come_and_go(days: list[TrueDay]) -> None:
    for table, least in (("patient", 5), ("employee", 1)):
        first, end = keys(days[0], table), keys(days[-1], table)
        ever = set().union(*(keys(day, table) for day in days))
        assert len(first - end) >= least
        assert len(ever - first) >= least
    here = [keys(day, "patient") for day in days]
    gone: set[object] = set()
    returned: set[object] = set()
    for before, after in pairwise(here):
        returned |= after & gone
        gone |= before - after
    assert returned
    versions: dict[object, set[Row]] = defaultdict(set)
    for day in days:
        for row in day.tables["patient"]:
            versions[row[0]].add(row)
    assert sum(len(rows) > 1 for rows in versions.values()) > 10
    plans = {row for day in days for row in day.tables["insurance"]}
    assert len(plans) == len(days[0].tables["insurance"]) + 1


def test_no_extract_falls_below_the_row_floor(days: list[TrueDay]) -> None:
    for before, after in pairwise(days):
        for table, rows in after.tables.items():
            assert len(rows) >= min(0.9 * len(before.tables[table]), len(before.tables[table]) - 5)


def test_most_visits_can_be_matched_by_their_start(last: TrueDay) -> None:
    starts = [f"{row[2]} {row[3]}" for row in last.tables["appointment"]]
    assert len(set(starts)) / len(starts) > 0.95
    old = [row for row in last.tables["encounter"] if row[4] is None]
    assert sum(row[2] in set(starts) for row in old) / len(old) > 0.8

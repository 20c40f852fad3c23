"""What became known of the ledger, day by day, against books that a test keeps: of random extracts."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from tests.warehouse.memory import in_memory

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

FIRST = date(2024, 1, 20)
ADDS = ("charge", "refund", "transfer_in")
MODELS = {
    "int_ledger_entries_moved": "intermediate",
    "ledger_days": "billing",
    "closed_month_changes": "billing",
}
GIVEN = {
    "snapshots.snap_billing__ledger_entries": """entry_id varchar, patient_pseudonym varchar, entry_type varchar,
        payer varchar, amount decimal(12, 2), service_date date, posted_on date, dbt_valid_from timestamp,
        dbt_valid_to timestamp, charge_id varchar, transfer_to varchar, adjustment_code varchar""",
    "staging.stg_landfall__loads": """source_name varchar, table_name varchar, is_counted boolean,
        extract_date date""",
    "intermediate.int_as_of_dates": "area varchar, as_of_date date",
}
# an entry, and what an extract says of it: nothing, its type, cents, day of posting before the extract's and payer;
# or that only another pays it
ENTRY = some.tuples(
    some.sampled_from((*ADDS, "payment", "adjustment", "transfer_out", "odd")),
    some.sampled_from((None, 0, 100, 2550)) | some.integers(-9999, 9999),
    some.none() | some.sampled_from((-3, -2, -1, 0, 0, 1, 1, 2, 5, 31, 60)),
    some.sampled_from(("patient", "INS1")),
)
EDITS = some.lists(
    some.tuples(some.integers(0, 4), some.none() | some.just("other payer") | ENTRY), max_size=4
)
EXTRACTS = some.lists(
    some.tuples(some.sampled_from((1, 1, 1, 2, 5, 28)), EDITS), min_size=2, max_size=9
)


@dataclass(frozen=True)
class Said:
    """An entry as an extract has it."""

    entry_type: str
    amount: Decimal | None
    posted_on: date | None
    payer: str = "patient"

    @property
    def signed(self) -> Decimal:
        """What it adds to the balance."""
        amount = self.amount or Decimal(0)
        if self.entry_type == "odd":
            return Decimal(0)
        return amount if self.entry_type in ADDS else -amount


class Counted(NamedTuple):
    """An entry as it counts on a day."""

    signed: Decimal
    booked: date
    payer: str


@dataclass
class Extracts:
    """The entries of each extract, by its day, and the day on which each entry was first said so."""

    states: dict[date, dict[str, Said]] = field(default_factory=dict)
    since: dict[date, dict[str, date]] = field(default_factory=dict)

    def add(self, day: date, state: dict[str, Said]) -> None:
        """The next extract."""
        before = self.states[max(self.states)] if self.states else {}
        first = self.since[max(self.since)] if self.since else {}
        self.since[day] = {
            name: first[name] if before.get(name) == said else day for name, said in state.items()
        }
        self.states[day] = state

    def counted(self, day: date) -> dict[str, Counted]:
        """What each entry added to the balance that was known on the day, from which day, and its payer."""
        newest = max(one for one in self.states if one <= day)
        found = {
            name: Counted(said.signed, said.posted_on or self.since[newest][name], said.payer)
            for name, said in self.states[newest].items()
        }
        return {name: one for name, one in found.items() if one.booked <= day}

    def versions(self) -> list[tuple[Any, ...]]:
        """The history, as a snapshot keeps it."""
        rows = []
        for day, state in self.states.items():
            later = sorted(one for one in self.states if one > day)
            for name, said in state.items():
                if self.since[day][name] == day:
                    ends = (one for one in later if self.states[one].get(name) != said)
                    cells = (said.entry_type, said.payer, said.amount, None, said.posted_on)
                    rows.append((name, "P1", *cells, day, next(ends, None), "C1", None, None))
        return rows


@pytest.fixture(scope="module")
def build(compiled: Path) -> Any:
    """Builds the marts over a history as of a day."""
    sql = {path.stem: path.read_text() for path in (compiled / "models").rglob("*.sql")}
    connection = in_memory()
    for schema in ("snapshots", "staging", "intermediate", "billing"):
        connection.execute(f"create schema {schema}")
    for table, columns in GIVEN.items():
        connection.execute(f"create table {table} ({columns})")

    def over(extracts: Extracts, as_of: date) -> duckdb.DuckDBPyConnection:
        rows = {
            "snapshots.snap_billing__ledger_entries": extracts.versions(),
            "staging.stg_landfall__loads": [
                *(("billing", "ledger", True, day) for day in extracts.states),
                # a retracted load, and one of another table: neither is an extract of the ledger
                *(("billing", "ledger", False, day + timedelta(1)) for day in extracts.states),
                *(("billing", "claim", True, day + timedelta(1)) for day in extracts.states),
            ],
            "intermediate.int_as_of_dates": [("billing", as_of)],
        }
        for table, cells in rows.items():
            connection.execute(f"delete from {table}")
            for row in cells:
                marks = ", ".join("?" * len(row))
                connection.execute(f"insert into {table} values ({marks})", row)
        for name, schema in MODELS.items():
            connection.execute(f"create or replace table {schema}.{name} as\n{sql[name]}")
        return connection

    return over


def extracts_of(drawn: list[Any]) -> Extracts:
    """The drawn extracts, each some days after the one before."""
    made, day, state = Extracts(), FIRST, {"E0": Said("charge", Decimal(50), FIRST)}
    for days, edits in drawn:
        made.add(day, dict(state))
        day += timedelta(days)
        for number, entry in edits:
            was = state.pop(f"E{number}", None)
            if entry == "other payer":
                if was:
                    payer = "patient" if was.payer == "INS1" else "INS1"
                    state[f"E{number}"] = replace(was, payer=payer)
            elif entry is not None:
                kind, cents, ago, payer = entry
                amount = None if cents is None else Decimal(cents).scaleb(-2)
                posted = None if ago is None else day - timedelta(ago)
                state[f"E{number}"] = Said(kind, amount, posted, payer)
    made.add(day, state)
    return made


def month_of(day: date) -> date:
    return day.replace(day=1)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@example(
    [(1, [(0, ("charge", None, None, "patient"))]), (1, [(0, ("charge", 100, None, "patient"))])], 0
)
@given(EXTRACTS, some.integers(0, 9))
def test_the_days_tell_what_became_known_and_the_list_what_changed_closed_months(
    build: Any, drawn: list[Any], wait: int
) -> None:
    extracts = extracts_of(drawn)
    as_of = max(extracts.states) + timedelta(wait)
    file = build(extracts, as_of)
    days = file.execute(
        "select ledger_day, posted_amount, dated_back_amount, changed_amount, balance_change_amount, balance_amount"
        " from billing.ledger_days order by 1"
    ).fetchall()
    now: dict[str, Counted] = {}
    reassigned = []
    for day, *told in days:
        # an entry without an amount makes no row of its day, and is in the books all the same
        before = extracts.counted(day - timedelta(1)) if day > min(extracts.states) else {}
        now = extracts.counted(day)
        new = {name: one for name, one in now.items() if name not in before}
        total = sum((one.signed for one in now.values()), Decimal(0))
        last = max((one for one in extracts.states if one < day), default=None)
        if last is None:
            expected = [Decimal(0)] * 4
        else:
            posted = sum((one.signed for one in new.values() if one.booked > last), Decimal(0))
            back = sum((one.signed for one in new.values() if one.booked <= last), Decimal(0))
            change = total - sum((one.signed for one in before.values()), Decimal(0))
            expected = [posted, back, change - posted - back, change]
        assert told == [*expected, total], day
        reassigned += [
            (name, day)
            for name, one in now.items()
            if one.signed
            and name in before
            and before[name] == one._replace(payer=before[name].payer) != one
        ]
    # a day that changes no amount has no row: after the last row no amount has changed
    amounts = [
        {n: one for n, one in said.items() if one.signed} for said in (now, extracts.counted(as_of))
    ]
    assert amounts[0] == amounts[1]
    listed = "select entry_id, moved_on from intermediate.int_ledger_entries_moved where change_kind = 'reassigned'"
    assert sorted(file.execute(listed).fetchall()) == sorted(reassigned)

    changed = dict(
        file.execute(
            "select month_start, sum(changed_amount) from billing.closed_month_changes group by 1"
        ).fetchall()
    )
    expected_changes = {}
    for month in {
        month_of(one.booked) for day, *_ in days for one in extracts.counted(day).values()
    }:
        if closed := next((day for day in extracts.states if month_of(day) > month), None):
            of_month = [
                sum(
                    (
                        one.signed
                        for one in extracts.counted(day).values()
                        if month_of(one.booked) == month
                    ),
                    Decimal(0),
                )
                for day in (closed, as_of)
            ]
            expected_changes[month] = of_month[1] - of_month[0]
    wanted = {month: amount for month, amount in expected_changes.items() if amount}
    assert {month: amount for month, amount in changed.items() if amount} == wanted


def test_a_deleted_payment_and_a_charge_of_an_old_day_are_named(build: Any) -> None:
    extracts = Extracts()
    charge, paid = (
        Said("charge", Decimal(100), date(2024, 2, 1)),
        Said("payment", Decimal("69.75"), date(2024, 2, 1)),
    )
    late = Said("charge", Decimal(1000), date(2024, 3, 20))
    of_march = Said("charge", Decimal(30), date(2024, 3, 31))
    extracts.add(date(2024, 3, 30), {"C1": charge, "P1": paid})
    # the last evening of March comes with April's first extract: it changes no closed month
    extracts.add(date(2024, 4, 1), {"C1": charge, "P1": paid, "C2": of_march})
    extracts.add(date(2024, 4, 16), {"C1": charge, "C2": of_march, "C3": late})
    file = build(extracts, date(2024, 4, 16))
    assert file.execute(
        "select entry_id, change_kind, changed_amount, month_start from billing.closed_month_changes order by 1"
    ).fetchall() == [
        ("C3", "dated back", Decimal(1000), date(2024, 3, 1)),
        ("P1", "gone", Decimal("69.75"), date(2024, 2, 1)),
    ]


def test_an_entry_of_a_later_day_that_is_taken_out_before_it_moves_nothing(build: Any) -> None:
    extracts = Extracts()
    charge = Said("charge", Decimal(100), date(2024, 4, 1))
    later = Said("payment", Decimal(5), date(2024, 5, 1))
    extracts.add(date(2024, 4, 1), {"C1": charge, "P1": later})
    extracts.add(date(2024, 4, 16), {"C1": charge})
    file = build(extracts, date(2024, 5, 2))
    assert file.execute(
        "select ledger_day, balance_amount from billing.ledger_days"
    ).fetchall() == [(date(2024, 4, 1), Decimal(100))]


def test_a_payment_that_another_made_changes_no_sum_and_is_named(build: Any) -> None:
    extracts = Extracts()
    paid = Said("payment", Decimal(40), date(2024, 2, 1))
    for day, payer in ((date(2024, 3, 1), "patient"), (date(2024, 3, 2), "INS1")):
        extracts.add(day, {"P1": replace(paid, payer=payer)})
    file = build(extracts, date(2024, 3, 2))
    named = "select entry_id, change_kind, changed_amount from billing.closed_month_changes"
    assert file.execute(named).fetchall() == [("P1", "reassigned", Decimal(0))]
    days = (
        "select changed_entries, balance_change_amount from billing.ledger_days order by ledger_day"
    )
    assert file.execute(days).fetchall() == [(0, Decimal(0)), (1, Decimal(0))]

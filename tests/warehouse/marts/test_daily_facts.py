"""A daily fact that grows equals the one that is built whole, for any deliveries in any order.

Days with one fingerprint have the same rows: that is tried on the compiled SQL alone, with pairs of histories that
differ in one thing.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.conftest import Warehouse
from tests.warehouse.memory import in_memory
from tests.warehouse.raw_tables import Load

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

DAYS = [date(2026, 11, 1) + timedelta(days=number) for number in range(8)]
FACTS = {
    "billing.fct_account_balances": "models/marts/billing/fct_account_balances.sql",
    "stock.fct_stock_balances": "models/marts/stock/fct_stock_balances.sql",
}
"""The facts, with the query of each as it is compiled where nothing was built before."""
TABLES = (
    *("clinic.account", "clinic.patient", "clinic.insurance"),
    *("inventory.mv_item", "inventory.mv_stock_balance", "inventory.mv_stock_movement"),
)
CHOSEN = ("+fct_account_balances", "+fct_stock_balances")
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
RELEASED = '{"row_floor": 1}'

Row = dict[str, Any]


@dataclass
class Deliveries:
    """The deliveries so far, and the possible next events."""

    chance: random.Random
    loads: list[Load] = field(default_factory=list)

    def deliver(self, table: str, day: date) -> None:
        """The table in full as of a day: of each key with a word that changes at times, and some are not there."""
        second = sum(load.table == table and load.day == day for load in self.loads)
        rows = [row for number in range(4) if (row := self._row(table, number, day))]
        kind = "incremental" if table.endswith("movement") else "full"
        self.loads.append(Load(table, day, rows, kind=kind, second=second, warnings=RELEASED))

    def befall(self) -> None:
        """A day's extracts, or one of an earlier day that comes late, is retracted or comes again otherwise."""
        newest = max(load.day for load in self.loads)
        later = [day for day in DAYS if day > newest]
        happening = self.chance.choice(("day", "day", "late", "retracted", "again"))
        if happening == "day" and later:
            for table in TABLES:
                if self.chance.random() < 0.8:
                    self.deliver(table, later[0])
        elif happening == "late":
            self.deliver(
                self.chance.choice(TABLES),
                self.chance.choice(DAYS[: DAYS.index(newest)] or DAYS[:1]),
            )
        elif happening == "retracted":
            self._unretracted().retracted = True
        else:
            load = self._unretracted()
            fewer = [row for row in load.rows if self.chance.random() < 0.7]
            self.loads.append(replace(load, rows=fewer, generation=load.generation + 1))

    def _unretracted(self) -> Load:
        newest = {(load.table, load.base_load_id): load for load in self.loads}
        return self.chance.choice([load for load in newest.values() if not load.retracted])

    def _row(self, table: str, number: int, day: date) -> Row | None:
        if self.chance.random() < 0.25:
            return None
        some = self.chance.choice((1, 1, 1, 2))
        if table == "clinic.account":
            patient = None if number == 3 else f"P{number}"
            money = {"account_balance": Decimal(some), "last_payment": None, "payment_due": DAYS[0]}
            return {
                "accountid": f"A{number}",
                "patient": patient,
                "member_id": f"INS{some}",
                **money,
            }
        if table == "clinic.patient":
            return {"person_id": f"P{number}", "zip": f"9533{some}", "insurance": f"INS{some}"}
        if table == "clinic.insurance":
            return {"insid": f"INS{number}", "plan": f"Plan {some}"}
        if table == "inventory.mv_item":
            return {"item_id": f"I{number}", "description": "Tube", "unit_cost": Decimal(some)}
        evening = datetime.combine(day, time(21))
        place = {"item_id": f"I{number}", "location": "EAST", "quantity": Decimal(some)}
        if table == "inventory.mv_stock_balance":
            return place | {"refreshed_at": evening}
        return place | {
            "movement_id": f"M{number}{day:%d}",
            "moved_at": evening - timedelta(hours=some),
        }


def bring_up_to_date(warehouse: Warehouse, **variables: str) -> None:
    history = warehouse.dbt("run-operation", "backfill_history", **variables)
    assert history.success, history.exception
    built = warehouse.dbt("build", *NO_TESTS, "--select", *CHOSEN, **variables)
    assert built.success, built.exception or [
        one.message for one in built.result if one.status == "error"
    ]


def check(warehouse: Warehouse, compiled: Path) -> None:
    """Each fact has the cells that its whole query gives, and some."""
    for fact, path in FACTS.items():
        grown = warehouse.rows(f"from {fact} order by all")
        whole = warehouse.rows(f"from ({(compiled / path).read_text()}) order by all")
        assert grown and grown == whole


def days_built(warehouse: Warehouse) -> dict[tuple[str, date], str]:
    """By which of dbt's runs each day of each fact was built."""
    rows = warehouse.rows("select model_name, built_day, invocation_id from snapshots.built_days")
    return {(fact, day): run for fact, day, run in rows}


def test_a_fact_that_has_grown_is_the_one_built_whole(
    new_practice: Callable[[], Warehouse], compiled: Path
) -> None:
    warehouse, deliveries = new_practice(), Deliveries(random.Random(0))
    for table in TABLES:
        deliveries.deliver(table, DAYS[2])
    before: dict[tuple[str, date], str] = {}
    kept = 0
    for _ in range(6):
        warehouse.raw.write(deliveries.loads)
        bring_up_to_date(warehouse)
        check(warehouse, compiled)
        after = days_built(warehouse)
        kept += sum(before.get(day) == run for day, run in after.items())
        before = after
        deliveries.befall()
    assert kept > 10

    # a run without news builds no day, one of another project each
    bring_up_to_date(warehouse)
    bring_up_to_date(warehouse)
    assert len(set(days_built(warehouse).values())) > 1
    bring_up_to_date(warehouse, project_hash="another")
    check(warehouse, compiled)
    assert len(set(days_built(warehouse).values())) == 1


BEGIN = date(1900, 1, 1)
LOADS = ("source_name varchar", "table_name varchar", "is_counted boolean", "extract_date date")
INPUT_TABLES = (
    "system_name varchar",
    "entity varchar",
    "source_name varchar",
    "table_name varchar",
)
ACCOUNTS = {
    "staging.stg_landfall__loads": LOADS,
    "staging.input_tables": INPUT_TABLES,
    "intermediate.input_account_balances": (
        *("system_name varchar", "account_pseudonym varchar", "patient_pseudonym varchar"),
        *("insurance_plan_id varchar", "balance_amount decimal(12, 2)"),
        *(
            "last_payment_amount decimal(12, 2)",
            "payment_due_date date",
            "seen_from date",
            "seen_to date",
        ),
    ),
    "intermediate.int_patients_versioned": (
        *("patient_key varchar", "patient_pseudonym varchar", "valid_from date", "valid_to date"),
    ),
    "intermediate.int_insurance_plans_versioned": (
        *("insurance_plan_key varchar", "insurance_plan_id varchar"),
        *("valid_from date", "valid_to date"),
    ),
}
STOCK = {
    "staging.stg_landfall__loads": LOADS,
    "intermediate.int_stock_balances_moved": (
        *("item_id varchar", "location varchar", "quantity decimal(12, 3)"),
        *(
            "moved_quantity decimal(18, 3)",
            "refreshed_at timestamp",
            "seen_from date",
            "seen_until date",
        ),
    ),
    "intermediate.int_items_versioned": (
        *("item_key varchar", "item_durable_key varchar", "item_id varchar"),
        *("unit_cost decimal(18, 4)", "valid_from date", "valid_to date"),
    ),
}

History = dict[str, list[Row]]


def of_accounts(chance: random.Random) -> History:
    """The versions of two accounts, their patients and plans, and the days of a system or two."""
    loads = [
        {"source_name": source, "table_name": "account", "is_counted": True, "extract_date": day}
        for source in ("clinic", "other")
        for day in DAYS[:4]
        if chance.random() < 0.8
    ]
    tables = [
        {"system_name": source, "entity": "account_balances", "source_name": source}
        | {"table_name": "account"}
        for source in ("clinic", "other")
    ]
    accounts = [
        version
        | {"system_name": chance.choice(("clinic", "other")), "account_pseudonym": f"a{number}"}
        | {
            "patient_pseudonym": chance.choice(("p1", "p2", None)),
            "payment_due_date": chance.choice(DAYS),
        }
        | {
            "insurance_plan_id": chance.choice(("INS1", None)),
            "balance_amount": chance.randint(1, 2),
        }
        | {"last_payment_amount": chance.choice((1, None))}
        for number in range(2)
        for version in versions(chance, "seen_from", "seen_to", first=None)
    ]
    patients = [
        version | {"patient_key": f"{patient} {place}", "patient_pseudonym": patient}
        for patient in ("p1", "p2")
        for place, version in enumerate(versions(chance, "valid_from", "valid_to", first=BEGIN))
    ]
    plans = [
        version | {"insurance_plan_key": f"{plan} {place}", "insurance_plan_id": plan}
        for plan in ("INS1", "patient")
        for place, version in enumerate(versions(chance, "valid_from", "valid_to", first=BEGIN))
    ]
    return dict(zip(ACCOUNTS, (loads, tables, accounts, patients, plans), strict=True))


def of_stock(chance: random.Random) -> History:
    """The versions of two balances and of their items, and the days."""
    named = {"source_name": "inventory", "table_name": "mv_stock_balance", "is_counted": True}
    loads = [named | {"extract_date": day} for day in DAYS[:4] if chance.random() < 0.8]
    balances = [
        version
        | {"item_id": f"I{number}", "location": "EAST", "quantity": chance.randint(1, 2)}
        | {"seen_until": version["seen_to"] or date(9999, 12, 31), "seen_to": None}
        | {"moved_quantity": chance.randint(1, 2)}
        | {"refreshed_at": datetime.combine(version["seen_from"], time(chance.randint(20, 21)))}
        for number in range(2)
        for version in versions(chance, "seen_from", "seen_to", first=None)
    ]
    for balance in balances:
        del balance["seen_to"]
    items = [
        version
        | {
            "item_id": f"I{number}",
            "item_key": f"I{number} {place}",
            "item_durable_key": f"I{number}",
        }
        | {"unit_cost": chance.randint(1, 2)}
        for number in range(2)
        for place, version in enumerate(versions(chance, "valid_from", "valid_to", first=BEGIN))
    ]
    return dict(zip(STOCK, (loads, balances, items), strict=True))


def versions(chance: random.Random, begin: str, end: str, first: date | None) -> list[Row]:
    """Up to three versions, one behind the other; without a first day there may be gaps between them."""
    days = sorted(chance.sample(DAYS[:5], chance.randint(0, 3)))
    found: list[Row] = [{begin: day, end: later} for day, later in pairwise([*days, None])]
    if first and found:
        found[0][begin] = first
    return [row for row in found if first or chance.random() < 0.8]


def changed(chance: random.Random, history: History, drawn: History) -> History:
    """One table as in another history, or with another word in one of its cells."""
    cells = [
        (table, place, name)
        for table, rows in history.items()
        for place, row in enumerate(rows)
        for name in row
        if not name.startswith(("seen_", "valid_", "item_id", "item_durable"))
    ]
    if chance.random() < 0.3 or not cells:
        table = chance.choice([*history])
        return {table: drawn[table]}
    table, place, name = chance.choice(cells)
    rows = list(history[table])
    rows[place] = rows[place] | {name: chance.choice(drawn[table] or rows).get(name)}
    return {table: rows}


class Query:
    """A fact and the fingerprints of its days, by the SQL as it is compiled, over tables in memory."""

    def __init__(
        self, compiled: Path, tables: dict[str, tuple[str, ...]], days: str, fact: str
    ) -> None:
        self._tables, self._fact = tables, (compiled / fact).read_text()
        self._connection = in_memory()
        for schema in ("staging", "intermediate"):
            self._connection.execute(f"create schema {schema}")
        for table, columns in tables.items():
            self._connection.execute(f"create table {table} ({', '.join(columns)})")
        self._days = f"intermediate.{Path(days).stem}"
        self._connection.execute(f"create view {self._days} as {(compiled / days).read_text()}")

    def rows(self, history: History) -> dict[tuple[date, str], list[tuple[Any, ...]]]:
        """The fact's rows of each day, by the day and its fingerprint."""
        for table, columns in self._tables.items():
            self._connection.execute(f"delete from {table}")
            names = [column.partition(" ")[0] for column in columns]
            if rows := history[table]:
                marks = ", ".join([f"({', '.join('?' * len(names))})"] * len(rows))
                cells = [row.get(name) for row in rows for name in names]
                self._connection.execute(f"insert into {table} values {marks}", cells)
        asked = f"""
            from (select distinct balance_date, fingerprint from {self._days}) as days
            left join ({self._fact}) as fact using (balance_date)
            order by all
        """
        found: dict[tuple[date, str], list[tuple[Any, ...]]] = {}
        for day, fingerprint, *cells in self._connection.execute(asked).fetchall():
            found.setdefault((day, fingerprint), []).append(tuple(cells))
        return found


@pytest.mark.parametrize(
    ("tables", "draw", "days", "fact"),
    [
        (
            *(ACCOUNTS, of_accounts, "models/intermediate/billing/int_account_balances_days.sql"),
            FACTS["billing.fct_account_balances"],
        ),
        (
            *(STOCK, of_stock, "models/intermediate/stock/int_stock_balances_days.sql"),
            FACTS["stock.fct_stock_balances"],
        ),
    ],
    ids=["accounts", "stock"],
)
def test_days_with_one_fingerprint_have_the_same_rows(
    compiled: Path,
    tables: dict[str, tuple[str, ...]],
    draw: Callable[[random.Random], History],
    days: str,
    fact: str,
) -> None:
    query, chance = Query(compiled, tables, days, fact), random.Random(1)
    same = other = 0
    for _ in range(300):
        history, drawn = draw(chance), draw(chance)
        before, after = query.rows(history), query.rows(history | changed(chance, history, drawn))
        for day, rows in before.items():
            if day in after:
                same += 1
                assert after[day] == rows
            else:
                other += 1
    assert same > 100 and other > 50

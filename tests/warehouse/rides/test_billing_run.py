"""Billings and payments against the source's own billing run, played through day by day on a real PostgreSQL.

The marts see nothing but the state of the source's tables at the end, as a snapshot export shows it.
"""

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.billing.views import key
from tests.warehouse.memory import in_memory
from tools.redshift import postgres
from tools.standins.processes import scratch

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

SOURCE = Path(__file__).with_name("source.sql").read_text()
FIRST_DAY = date(2024, 2, 23)  # the 29th is among the days
DAYS, DRIVERS = 16, 5
PAYMENT_TYPES = {1: "Credit Card", 2: "Cash", 7: "Bank Deposit"}
GIVEN = {
    "staging.stg_taxi__trips": """trip_row_id bigint, driver_pseudonym varchar, trip_state varchar,
        dropoff_at timestamp, total_amount decimal(12, 4), extracted_at timestamp""",
    "staging.stg_taxi__billing_history": """billing_id bigint, driver_pseudonym varchar, billing_cycle bigint,
        billing_start_at timestamp, billing_end_at timestamp, billed_at timestamp, billing_status varchar,
        billing_amount decimal(18, 6), commission_share decimal(18, 6), rides_total bigint""",
    "staging.stg_taxi__billings": """billing_id bigint, driver_pseudonym varchar, billing_cycle bigint,
        billing_start_at timestamp, billing_end_at timestamp, billed_at timestamp, billing_status varchar,
        billing_amount decimal(10, 6), commission_share decimal(10, 6), rides_total bigint""",
    "staging.stg_taxi__payments": "billing_id bigint, payment_amount decimal(10, 6)",
    "staging.stg_taxi__payment_types": "payment_type_id bigint, payment_type varchar",
    "intermediate.int_drivers_versioned": """driver_key varchar, driver_pseudonym varchar, payment_type_id bigint,
        valid_from date, valid_to date""",
}
BUILT = {
    "intermediate": ("int_driver_billings_computed",),
    "rides": ("fct_driver_billings", "fct_driver_payments"),
}


class Marts:
    """The rides models of billing as dbt compiled them, over tables in memory."""

    def __init__(self, compiled: Path) -> None:
        self._connection = in_memory()
        for schema in ("staging", "intermediate", "rides"):
            self._connection.execute(f"create schema {schema}")
        for table, columns in GIVEN.items():
            self._connection.execute(f"create table {table} ({columns})")
        sql = {path.stem: path.read_text() for path in (compiled / "models").rglob("*.sql")}
        for schema, names in BUILT.items():
            for name in names:
                self._connection.execute(f"create view {schema}.{name} as\n{sql[name]}")

    def fill(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """Put these rows in the place of the table's own."""
        self._connection.execute(f"delete from {table}")
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"insert into {table} values ({marks})", rows)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()


class Source:
    """The source's database, and who is paid how from which day on."""

    def __init__(self, connection: Any, seed: int) -> None:
        self._cursor, self.chance = connection.cursor(), random.Random(seed)
        self._cursor.execute("drop schema if exists public cascade; create schema public")
        self._cursor.execute(SOURCE)
        self.paid: dict[int, list[tuple[date, int]]] = {}
        for driver in range(1, DRIVERS + 1):
            self.paid[driver] = [(date(1900, 1, 1), self.chance.choice(tuple(PAYMENT_TYPES)))]
            self._cursor.execute(
                "insert into drivers values (%s, %s)", (driver, self.paid[driver][0][1])
            )

    def query(self, text: str) -> list[tuple[Any, ...]]:
        self._cursor.execute(text)
        return list(self._cursor.fetchall())

    def morning(self, day: date) -> None:
        """One driver may be paid otherwise from today on."""
        driver = self.chance.randint(1, 2 * DRIVERS)
        if driver in self.paid:
            kind = self.chance.choice(tuple(PAYMENT_TYPES))
            self.paid[driver].append((day, kind))
            self._cursor.execute(
                "update drivers set payment_id = %s where driver_id = %s", (kind, driver)
            )

    def trips(self, day: date, most: int) -> None:
        """Trips of the day arrive: of its first and last instants, without a driver, at the next midnight."""
        midnight = datetime.combine(day, time())
        for _ in range(self.chance.randint(0, most)):
            seconds = self.chance.choice(
                (0, 1, 86_399, 86_400, *[self.chance.randrange(86_400)] * 8)
            )
            driver = self.chance.choice((None, *range(1, DRIVERS + 1)))
            amount = self.chance.choice(
                (0.1, 12.35, 7.0001, None, self.chance.randrange(10**6) / 1e4)
            )
            status = self.chance.choice(("Completed",) * 9 + ("Cancelled",))
            self._cursor.execute(
                "insert into trips (driver_id, dropoff_datetime, total_amount, status) values (%s, %s, %s, %s)",
                (driver, midnight + timedelta(seconds=seconds), amount, status),
            )

    def forget(self, day: date) -> None:
        """What the run of a day wrote, as if it were still to come."""
        self._cursor.execute(
            "delete from payment using billing where billing_id = billing.id and billing_start >= %s",
            (day,),
        )
        self._cursor.execute("delete from billing where billing_start >= %s", (day,))

    def bill(self, day: date) -> None:
        self._cursor.execute("call bill_the_day(%s)", (day,))


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    """A session with a PostgreSQL as the source has it, without the Redshift stand-in's additions."""
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    with (
        scratch("billing-run") as folder,
        postgres.serving(folder, settings) as (port, _),
        closing(postgres.connect(port, "postgres")) as session,
    ):
        yield session


def play(source: Source, snapshot_before_last_run: bool) -> tuple[list[tuple[Any, ...]], datetime]:
    """Every day in turn; the trips as a snapshot shows them, and its moment."""
    trips = "select id, driver_id, status, dropoff_datetime, total_amount from trips order by id"
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    for day in days:
        quiet = source.chance.random() < 0.25
        source.morning(day)
        source.trips(day, 0 if quiet else 9)
        if day == days[-1] and snapshot_before_last_run:
            shown = source.query(trips)
            source.bill(day)
            return shown, datetime.combine(day, time(22))
        source.bill(day)
        source.trips(day, 2)  # too late for the run
    return source.query(trips), datetime.combine(days[-1] + timedelta(days=1), time(3))


def name(driver: int | None) -> str | None:
    return f"d{driver}" if driver else None


def recorded(source: Source) -> list[tuple[Any, ...]]:
    """Aurora's billings as a snapshot shows them."""
    columns = (
        "select id, driver_id, billing_cycle::bigint, billing_start, billing_end, billing_date, billing_status,"
        " billing_amount, commissions, rides_total from billing order by id"
    )
    return [(row[0], name(row[1]), *row[2:]) for row in source.query(columns)]


def fill(marts: Marts, source: Source, trips: list[tuple[Any, ...]], moment: datetime) -> None:
    marts.fill("staging.stg_taxi__billings", recorded(source))
    marts.fill(
        "staging.stg_taxi__trips",
        [
            (number, name(driver), status.lower(), dropped,
             None if amount is None else Decimal(str(amount)), moment)
            for number, driver, status, dropped, amount in trips
        ],
    )  # fmt: skip
    versions: list[tuple[Any, ...]] = []
    for driver, said in source.paid.items():
        starts = dict(said)  # of two on one day the later counts
        ends = [*list(starts)[1:], None]
        versions += [
            (f"{name(driver)}-{start}", name(driver), kind, start, end)
            for (start, kind), end in zip(starts.items(), ends, strict=True)
        ]
    marts.fill("intermediate.int_drivers_versioned", versions)
    marts.fill("staging.stg_taxi__payment_types", list(PAYMENT_TYPES.items()))


def both_sides(marts: Marts, source: Source) -> list[list[tuple[Any, ...]]]:
    """Billings and payments as the marts compute them from the trips, and as the source wrote them."""
    durable = {key(f"d{driver}"): driver for driver in source.paid} | {"unknown": None}
    types = {label: number for number, label in PAYMENT_TYPES.items()}
    billings = marts.rows(
        "select driver_durable_key, billing_cycle, billing_start_at, billing_end_at, billing_amount, commission_share,"
        " rides_total, billing_status from rides.fct_driver_billings"
        " where billing_origin = 'procedure' and billing_status = 'Processed'"
    )
    payments = marts.rows(
        "select driver_durable_key, billing_cycle, payment_amount, payment_type from rides.fct_driver_payments"
        " where billing_origin = 'procedure' and billing_status = 'Processed'"
    )
    return [
        sorted(((durable[row[0]], *row[1:]) for row in billings), key=repr),
        sorted(
            source.query(
                "select driver_id, billing_cycle::bigint, billing_start, billing_end, billing_amount,"
                " commissions, rides_total, billing_status from billing where billing_cycle > 1"
            ),
            key=repr,
        ),
        sorted(((durable[row[0]], *row[1:3], types[row[3]]) for row in payments), key=repr),
        sorted(
            source.query(
                "select driver_id, billing_cycle::bigint, payment_amount, payment_id from payment"
                " where billing_cycle > 1"
            ),
            key=repr,
        ),
    ]


@pytest.mark.parametrize("seed", range(12))
def test_the_marts_are_what_the_sources_run_writes(
    compiled: Path, connection: Any, seed: int
) -> None:
    """A snapshot taken on the last day, before its run, says nothing of that day yet: it is open. Where the run of a
    last day found nothing, and trips came too late for it, no snapshot can know that: they are due."""
    marts, source = Marts(compiled), Source(connection, seed)
    is_open = seed % 2 == 1
    trips, moment = play(source, snapshot_before_last_run=is_open)
    if is_open:
        source.forget(moment.date())
    fill(marts, source, trips, moment)
    ours, theirs, our_payments, their_payments = both_sides(marts, source)
    assert len(theirs) > DAYS
    assert ours == theirs
    assert our_payments == their_payments
    due = marts.rows(
        "select distinct billing_date from rides.fct_driver_billings where billing_status = 'Due'"
    )
    newest_run = max(row[2] for row in theirs).date()
    assert [day for (day,) in due if not newest_run < day < moment.date()] == []
    unpaid = [row for row in theirs if row[0] is None]
    assert unpaid and len(their_payments) == len(theirs) - len(unpaid)


def test_what_aurora_recorded_stands_beside_it_and_cycle_one_is_oracles(
    compiled: Path, connection: Any
) -> None:
    marts, source = Marts(compiled), Source(connection, 99)
    trips, moment = play(source, snapshot_before_last_run=False)
    fill(marts, source, trips, moment)
    told = recorded(source)
    cycle_one = [
        (n, name(n), 1, datetime(2024, 1, 1), datetime(2024, 2, 1), None, "Completed",
         Decimal("10.123455") * n, Decimal("0.2"), n)
        for n in (1, 2)
    ]  # fmt: skip
    marts.fill("staging.stg_taxi__billing_history", cycle_one)
    other = [(-row[0], *row[1:7], row[7] + 1, *row[8:]) for row in cycle_one]
    only_aurora = (-9, "d3", *other[0][2:])
    marts.fill("staging.stg_taxi__billings", [*told, *other, only_aurora])
    paid = source.query("select billing_id, payment_amount from payment")
    marts.fill("staging.stg_taxi__payments", paid)
    assert marts.rows(
        "select billing_origin, billing_verdict, count(*), sum(billing_amount) from rides.fct_driver_billings"
        " where billing_cycle = 1 group by all order by all"
    ) == [
        ("history", "different", 2, Decimal("30.370365")),
        ("source", "equal", 1, Decimal("11.123455")),
    ]
    assert marts.rows(
        "select billing_origin, payment_amount from rides.fct_driver_payments where billing_cycle = 1 order by all"
    ) == [
        ("history", Decimal("2.024691")), ("history", Decimal("4.049382")), ("source", Decimal("2.224691")),
    ]  # fmt: skip
    computed = "where billing_origin = 'procedure' and billing_status = 'Processed'"
    for kind in ("billing", "payment"):
        verdicts = f"select distinct {kind}_verdict from rides.fct_driver_{kind}s {computed}"
        assert marts.rows(verdicts) == [("equal",)]
    amounts = f"select sum(billing_amount) from rides.fct_driver_billings {computed}"
    assert marts.rows(amounts) == [(sum(row[7] for row in told if row[7] is not None),)]


def test_a_day_keeps_its_number_when_the_source_drops_old_trips(
    compiled: Path, connection: Any
) -> None:
    marts, source = Marts(compiled), Source(connection, 5)
    trips, moment = play(source, snapshot_before_last_run=False)
    fill(marts, source, trips, moment)
    numbers = (
        "select distinct billing_date, billing_cycle from rides.fct_driver_billings"
        f" where billing_date >= date '{FIRST_DAY + timedelta(days=8)}' order by 1"
    )
    before = marts.rows(numbers)
    kept = [row for row in trips if row[3] >= datetime(2024, 3, 2)]
    assert len(before) > 4 and len(kept) < len(trips) - 10
    fill(marts, source, kept, moment)
    assert marts.rows(numbers) == before


def test_where_the_run_never_took_place_every_day_that_has_ended_is_due(
    compiled: Path, connection: Any
) -> None:
    marts, source = Marts(compiled), Source(connection, 17)
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    for day in days:
        source.trips(day, 9)
    trips = source.query(
        "select id, driver_id, status, dropoff_datetime, total_amount from trips order by id"
    )
    fill(marts, source, trips, datetime.combine(days[-1], time(3)))
    ours = sorted(
        marts.rows(
            "select billing_date, billing_status, billing_cycle, sum(billing_amount), sum(rides_total)"
            " from rides.fct_driver_billings group by all"
        )
    )
    expected: dict[date, list[Decimal]] = {}
    for _, _, status, dropped, amount in trips:
        day = dropped.date()
        if status == "Completed" and dropped > datetime.combine(day, time()) and day < days[-1]:
            expected.setdefault(day, []).append(Decimal(str(amount or 0)))
    assert len(expected) > 8
    assert ours == [
        (day, "Due", None, sum(amounts), len(amounts)) for day, amounts in sorted(expected.items())
    ]

"""Aurora's tables as a snapshot export writes them: parquet, with numeric and timestamp columns as text."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from samples.taxi.life import (
    BILLED,
    CAB_TYPES,
    CAR_MODELS,
    DRIVERS,
    PAYMENT_TYPES,
    RATE_CODES,
    Billing,
    Life,
    Person,
    Trip,
)

BIG, TEXT, DOUBLE, INT = pa.int64(), pa.string(), pa.float64(), pa.int32()
_TRIP = (
    "id:INT rider_id:BIG driver_id:BIG rider_name:TEXT rider_mobile:TEXT rider_email:TEXT trip_info:TEXT "
    "driver_name:TEXT driver_email:TEXT driver_mobile:TEXT vehicle_id:TEXT cab_type_id:INT vendor_id:INT "
    "pickup_datetime:TEXT dropoff_datetime:TEXT store_and_fwd_flag:TEXT rate_code_id:BIG "
    "pickup_longitude:DOUBLE pickup_latitude:DOUBLE dropoff_longitude:DOUBLE dropoff_latitude:DOUBLE "
    "passenger_count:DOUBLE trip_distance:DOUBLE fare_amount:DOUBLE extra:DOUBLE mta_tax:DOUBLE "
    "tip_amount:DOUBLE tolls_amount:DOUBLE ehail_fee:DOUBLE improvement_surcharge:DOUBLE "
    "total_amount:DOUBLE payment_type:BIG trip_type:INT pickup_location_id:INT dropoff_location_id:INT status:TEXT"
)
_PERSON = (
    "_id:BIG _name:TEXT _email:TEXT created_on:TEXT payment_id:BIG _mobile:TEXT address:TEXT rating:TEXT "
    "profile:TEXT"
)
_SCHEMAS = {
    "trips": _TRIP,
    "drivers": _PERSON.replace("_id:BIG _name", "driver_id:BIG driver_name").replace(
        " _", " driver_"
    )
    + " vehicle_id:TEXT make:BIG",
    "riders": _PERSON.replace("_id:BIG _name", "rider_id:BIG rider_name").replace(" _", " rider_"),
    "billing": "id:INT driver_id:BIG billing_cycle:DOUBLE billing_start:TEXT billing_end:TEXT billing_date:TEXT "
    "billing_amount:TEXT commissions:TEXT description:TEXT rides_total:BIG billing_status:TEXT",
    "payment": "id:INT billing_id:BIG driver_id:BIG billing_cycle:DOUBLE payment_amount:TEXT payment_date:TEXT "
    "payment_id:BIG payment_status:TEXT description:TEXT",
    "payment_types": "payment_id:BIG name:TEXT description:TEXT",
    "rate_codes": "rate_id:BIG name:TEXT",
    "cab_types": "id:INT type:TEXT",
    "car_model": "id:INT make:TEXT model:TEXT",
    "trip_status": "status:TEXT description:TEXT",
}
_KINDS = {"BIG": BIG, "TEXT": TEXT, "DOUBLE": DOUBLE, "INT": INT}
ROWS_AT_ONCE = 2000


def schema_of(table: str) -> pa.Schema:
    """The columns of a table's parquet files."""
    pairs = (word.split(":") for word in _SCHEMAS[table].split())
    return pa.schema([pa.field(name, _KINDS[kind]) for name, kind in pairs])


TABLES = tuple(_SCHEMAS)


def rows_of(table: str, life: Life, index: int) -> Iterator[tuple[Any, ...]]:
    """The rows of a table as of a day's export."""
    moment = life.moment(index)
    if table == "trips":
        for told in range(index + 1):
            for trip in life.trips_of(told):
                if not trip.is_cancelled and trip.arrived <= moment:
                    yield _trip(trip, moment)
    elif table == "drivers":
        for number in range(DRIVERS):
            driver = life.driver(number, index)
            yield (*_person(driver, life, 0), driver.plate, driver.model)
    elif table == "riders":
        for number in range(life.riders(index)):
            yield _person(life.rider(number, index), life, 0)
    elif table == "billing":
        yield from map(_billing, life.billings(index))
    elif table == "payment":
        paid = (billing for billing in life.billings(index) if billing.driver)
        yield from (_payment(n, billing) for n, billing in enumerate(paid, 200_001))
    else:
        yield from _codes(table)


def _codes(table: str) -> Iterator[tuple[Any, ...]]:
    codes: dict[str, list[tuple[Any, ...]]] = {
        "payment_types": [(n, name, None) for n, name in enumerate(PAYMENT_TYPES, 1)],
        "rate_codes": list(RATE_CODES.items()),
        "cab_types": list(enumerate(CAB_TYPES, 1)),
        "car_model": [(n, *model) for n, model in enumerate(CAR_MODELS, 1)],
        "trip_status": [
            (word, None)
            for word in ("Completed", "Cancelled", "Booked", "In-progress", "Processed")
        ],
    }
    yield from codes[table]


def _person(person: Person, life: Life, since: int) -> tuple[Any, ...]:
    created = _text(life.moment(since) - timedelta(days=365))
    return (
        person.number, person.name, person.email, created, person.payment, person.mobile,
        f"{person.number % 97 + 1} Alder Mill Rd", person.rating, None,
    )  # fmt: skip


def _trip(trip: Trip, moment: datetime) -> tuple[Any, ...]:
    driver = None if trip.is_driverless else trip.driver
    run = datetime.combine(trip.dropped.date(), BILLED)
    status = "Processed" if trip.is_billed and run <= moment else "Completed"
    place = trip.number % 10**6 / 10**6
    cents = (trip.fare, trip.extra, trip.taxes, trip.aurora_tip, trip.tolls, 0, 0)
    return (
        trip.number, trip.rider.number, driver.number if driver else None, trip.rider.name, trip.rider.mobile,
        trip.rider.email, trip.info, driver.name if driver else None, driver.email if driver else None,
        driver.mobile if driver else None, trip.driver.plate, trip.cab, 2, _text(trip.booked),
        _text(trip.dropped), "N", trip.rate, -73 - place, 40 + place, -73 - place, 40 + place,
        float(trip.passengers), trip.miles / 100, *(amount / 100 for amount in cents),
        trip.total(trip.aurora_tip) / 100, trip.payment, 2, 0, 0, status,
    )  # fmt: skip


def _billing(billing: Billing) -> tuple[Any, ...]:
    start = datetime.combine(billing.day, time())
    return (
        billing.number, billing.driver, float(billing.cycle), _text(start), _text(start + timedelta(days=1)),
        _run_text(billing), _numeric(Decimal(billing.cents) / 100), _numeric(Decimal("0.8")),
        f"billing cycle {billing.cycle}", billing.rides, "Processed",
    )  # fmt: skip


def _payment(number: int, billing: Billing) -> tuple[Any, ...]:
    amount = _numeric(Decimal(billing.cents) / 100 * Decimal("0.8"))
    return (
        number, billing.number, billing.driver, float(billing.cycle), amount, _run_text(billing),
        billing.paid.payment, "Completed", f"Payment Cycle {billing.day:%B %Y}",
    )  # fmt: skip


def _run_text(billing: Billing) -> str:
    """CURRENT_TIMESTAMP of the run, to the microsecond."""
    return f"{billing.day} {BILLED:%H:%M:%S}.{billing.cycle * 7919 % 10**6:06d}"


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _numeric(number: Decimal) -> str:
    """numeric(10,6) as text."""
    return f"{number:.6f}"


def write_parquet(path: Path, table: str, rows: Iterator[tuple[Any, ...]]) -> None:
    """Write a table's only part, some rows at a time."""
    schema = schema_of(table)
    with pq.ParquetWriter(path, schema, compression="gzip") as writer:
        held: list[tuple[Any, ...]] = []
        for row in rows:
            held.append(row)
            if len(held) == ROWS_AT_ONCE:
                writer.write_batch(_batch(held, schema))
                held.clear()
        writer.write_batch(_batch(held, schema))


def _batch(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.record_batch(arrays, schema=schema)

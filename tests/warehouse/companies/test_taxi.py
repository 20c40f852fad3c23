"""The taxi company's marts against its files, read by plain Python, to the last digit."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from tests.warehouse.companies.trading import Delivered
from tests.warehouse.practice import Practice

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]
FIGURES = ("FARE_AMOUNT", "TOLLS_AMOUNT", "TIP_AMOUNT", "TOTAL_AMOUNT", "PASSENGER_COUNT")
Key = tuple[str, str]


@dataclass
class Company:
    """What was delivered: the items as they are after all exports, and Aurora's newest tables."""

    practice: Practice
    items: dict[Key, dict[str, Any]]
    aurora: dict[str, list[dict[str, Any]]]


def items_after(inbox: Path) -> dict[Key, dict[str, Any]]:
    """The table as it is once every export is applied, in the order of their ids, which begin with their times."""
    items: dict[Key, dict[str, Any]] = {}
    for listed in sorted((inbox / "taxi/AWSDynamoDB").glob("0*/manifest-files.json")):
        for line in listed.read_text().splitlines():
            name = json.loads(line)["dataFileS3Key"].partition("AWSDynamoDB/")[2]
            data = gzip.decompress((inbox / "taxi/AWSDynamoDB" / name).read_bytes())
            for found in map(json.loads, data.splitlines()):
                image = found.get("Item") or found.get("NewImage")
                keys = image or found["Keys"]
                key = (keys["riderid"]["S"], keys["tripinfo"]["S"])
                if image:
                    items[key] = image
                else:
                    del items[key]
    return items


@pytest.fixture(scope="module")
def company(practice: Practice, delivered: Delivered) -> Company:
    newest = sorted((delivered.inbox / "taxi").glob("taxi-*"))[-1]
    aurora = {
        part.parts[-3].removeprefix("public."): pq.read_table(part).to_pylist()
        for part in newest.rglob("*.parquet")
    }
    return Company(practice, items_after(delivered.inbox), aurora)


def number(value: float | str | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def test_trips_are_those_of_both_systems_to_the_last_digit(company: Company) -> None:
    trips = {(row["rider_email"], row["trip_info"]): row for row in company.aurora["trips"]}
    verdicts: Counter[str] = Counter()
    for key in company.items.keys() | trips.keys():
        item, trip = company.items.get(key), trips.get(key)
        if item and trip:
            booked = [number((item.get(name) or {}).get("N")) for name in FIGURES]
            names = [*map(str.lower, FIGURES[:-1]), "passenger_count"]
            verdicts["equal" if booked == [number(trip[n]) for n in names] else "different"] += 1
        elif item:
            is_due = item["STATUS"]["S"] == "Completed"
            verdicts["only in dynamodb" if is_due else "not completed"] += 1
        else:
            verdicts["only in aurora"] += 1
    query = company.practice.query
    assert verdicts["equal"] > 100
    assert dict(
        query("select verdict, count(*) from rides.trip_reconciliation group by 1")
    ) == dict(verdicts)
    total = sum(number(row["total_amount"]) or 0 for row in trips.values())
    processed = sum(row["status"] == "Processed" for row in trips.values())
    assert query(
        "select count(*), sum(total_amount), count(processed_on) from rides.fct_trips where is_in_aurora"
    ) == [(len(trips), total, processed)]
    assert query("select count(*) from rides.fct_trips") == [
        (len(company.items.keys() | trips.keys()),)
    ]


def test_billings_and_payments_are_what_aurora_recorded(company: Company) -> None:
    billing, payment = company.aurora["billing"], company.aurora["payment"]
    amounts = [sum(Decimal(row[name]) for row in rows) for rows, name in
               ((billing, "billing_amount"), (payment, "payment_amount"))]  # fmt: skip
    query, recorded = company.practice.query, "billing_origin = 'procedure' and {} = 'equal'"
    assert query(
        "select count(*), sum(billing_amount), sum(rides_total) from rides.fct_driver_billings where "
        + recorded.format("billing_verdict")
    ) == [(len(billing), amounts[0], sum(row["rides_total"] for row in billing))]
    assert query(
        "select count(*), sum(payment_amount) from rides.fct_driver_payments where "
        + recorded.format("payment_verdict")
    ) == [(len(payment), amounts[1])]
    assert query(
        "select count(*) from rides.fct_driver_billings where billing_origin = 'history'"
    ) == [(24,)]
    assert query(
        "select count(*) from rides.fct_driver_billings where billing_origin = 'source'"
    ) == [(0,)]


def test_the_history_that_is_delivered_once_is_never_late(company: Company) -> None:
    assert company.practice.query(
        "select newest_extract_date < (select max(newest_extract_date) - 3 from operations.table_status"
        " where source_name = 'taxi' and newest_kind = 'full'), is_late"
        " from operations.table_status where table_name = 'billing_history'"
    ) == [(True, False)]


def test_every_row_and_sum_holds_from_file_to_mart(company: Company) -> None:
    found = dict(
        company.practice.query(
            "select verdict, count(*) from operations.data_validations where source_name = 'taxi' group by 1"
        )
    )
    assert found.keys() == {"holds"}
    assert int(str(found["holds"])) > 50
    assert company.practice.query(
        "select verdict from operations.figures_status where area = 'rides'"
    ) == [("complete",)]


@dataclass
class Ride:
    """A trip as both systems and all exports tell it; times are UTC."""

    state: str
    booked: datetime
    accepted: datetime | None
    pickup: datetime
    dropped: datetime | None
    driver: int | None
    cab: str
    total: Decimal | None

    @property
    def picked_up(self) -> datetime | None:
        """The pickup where it is told apart from the booking, else the moment of being in progress."""
        return self.pickup if self.pickup > self.booked else self.accepted


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "").replace("T", " "))


def images(inbox: Path) -> Iterator[tuple[Key, dict[str, Any], datetime | None]]:
    """Every state of an item that an export showed, and when it was written, as far as the export says."""
    for listed in sorted((inbox / "taxi/AWSDynamoDB").glob("0*/manifest-files.json")):
        for line in listed.read_text().splitlines():
            name = json.loads(line)["dataFileS3Key"].partition("AWSDynamoDB/")[2]
            data = gzip.decompress((inbox / "taxi/AWSDynamoDB" / name).read_bytes())
            for found in map(json.loads, data.splitlines()):
                image = found.get("Item") or found.get("NewImage")
                if image:
                    micros = found.get("Metadata", {}).get("WriteTimestampMicros", {}).get("N")
                    written = micros and datetime(1970, 1, 1) + timedelta(
                        milliseconds=int(micros) // 1000
                    )
                    yield (image["riderid"]["S"], image["tripinfo"]["S"]), image, written or None


def rides_of(company: Company, inbox: Path) -> list[Ride]:
    """Every trip of either system, and those that were cancelled and removed."""
    cabs = {row["id"]: row["type"] for row in company.aurora["cab_types"]}
    aurora = {(row["rider_email"], row["trip_info"]): row for row in company.aurora["trips"]}
    shown: dict[Key, dict[str, Any]] = {}
    written: dict[tuple[Key, str], datetime] = {}
    for key, image, moment in images(inbox):
        status = image["STATUS"]["S"]
        shown[key] = image
        if moment:
            written[key, status] = min(moment, written.get((key, status), moment))
    rides = []
    for key in shown.keys() | aurora.keys():
        image, trip = shown.get(key, {}), aurora.get(key)
        if key not in company.items and trip is None and image["STATUS"]["S"] != "Cancelled":
            continue

        def cell(name: str, image: dict[str, Any] = image) -> str | None:
            return next(iter((image.get(name) or {"S": None}).values()))

        if trip:
            pickup, cab = at(trip["pickup_datetime"]), trip["cab_type_id"]
            dropped, total = at(trip["dropoff_datetime"]), number(trip["total_amount"])
            state = trip["status"]
        else:
            pickup, total = at(str(cell("PICKUP_DATETIME"))), number(cell("TOTAL_AMOUNT"))
            ended = cell("DROPOFF_DATETIME")
            dropped, state = at(ended) if ended else None, str(cell("STATUS"))
            cab = int(str(cell("CAB_TYPE_ID") or 0)) or None
        driver = (trip or {}).get("driver_id") or int(str(cell("DRIVER_ID") or 0)) or None
        rides.append(
            Ride(state, written.get((key, "Booked"), pickup), written.get((key, "InProgress")),
                 pickup, dropped, driver, cabs.get(cab, "unknown"), total)
        )  # fmt: skip
    return rides


def local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo("America/New_York"))


def whole_seconds(first: datetime, second: datetime) -> int:
    return int((second.replace(microsecond=0) - first.replace(microsecond=0)).total_seconds())


def test_trips_by_hour_are_those_of_all_exports_cancelled_ones_included(
    company: Company, delivered: Delivered
) -> None:
    expected: dict[tuple[Any, ...], list[Any]] = {}
    for ride in rides_of(company, delivered.inbox):
        begun = local(ride.pickup)
        key = (begun.date(), begun.hour, ride.cab)
        found = expected.setdefault(key, [0, 0, 0, Decimal(0), 0, 0])
        found[0] += 1
        if ride.state in ("Completed", "Processed"):
            found[1] += 1
            found[3] += ride.total or 0
        found[2] += ride.state == "Cancelled"
        if ride.picked_up:
            found[4] += 1
            found[5] += whole_seconds(ride.booked, ride.picked_up)
    assert sum(found[2] for found in expected.values()) > 2
    assert sum(found[4] for found in expected.values()) > 2
    assert company.practice.query(
        "select trip_date, trip_hour, cab_type, trips, trips_completed, trips_cancelled, revenue_amount,"
        " trips_with_waiting, waiting_seconds from rides.trips_by_hour order by 1, 2, 3"
    ) == [(*key, *found) for key, found in sorted(expected.items())]


def test_a_drivers_day_is_the_seconds_in_which_any_of_its_trips_was_under_way(
    company: Company, delivered: Delivered
) -> None:
    days: dict[tuple[int, date], list[Ride]] = {}
    for ride in rides_of(company, delivered.inbox):
        if ride.driver and ride.dropped and ride.state in ("Completed", "Processed"):
            days.setdefault((ride.driver, local(ride.pickup).date()), []).append(ride)
    expected = []
    for (_, day), rides in days.items():
        spans = [(ride.picked_up or ride.pickup, ride.dropped) for ride in rides if ride.dropped]
        first = min(begun for begun, _ in spans).replace(microsecond=0)
        under_way = {
            second
            for begun, ended in spans
            for second in range(whole_seconds(first, begun), whole_seconds(first, ended))
        }
        duty = max(whole_seconds(first, ended) for _, ended in spans)
        total = sum((ride.total or Decimal(0) for ride in rides), Decimal(0))
        expected.append((day, len(rides), len(under_way), duty, total))
    assert any(driven < duty for _, _, driven, duty, _ in expected)
    assert sorted(expected) == company.practice.query(
        "select trip_date, trips, driven_seconds, duty_seconds, revenue_amount from rides.driver_days order by all"
    )

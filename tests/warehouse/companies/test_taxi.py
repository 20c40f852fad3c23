"""The taxi company's marts against its files, read by plain Python, to the last digit."""

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

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

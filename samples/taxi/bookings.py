"""The booking system's table as DynamoDB exports it: one full export, then a window a day with what changed in it."""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from samples.days import Days
from samples.taxi.life import Life, Trip

TABLE = "trips_table"
BUCKET_PREFIX = "exports/"
FILES = 2
KEPT = timedelta(days=1)
"""A cancelled booking is removed so long after it."""

Item = dict[str, dict[str, str]]


def item_of(trip: Trip, moment: datetime) -> Item | None:
    """A trip's item as of a moment; None before it is booked and after it was removed."""
    if moment <= trip.booked or (trip.is_cancelled and moment > trip.accepted + KEPT):
        return None
    rider, driver = trip.rider, trip.driver
    item: Item = _keys(trip) | {
        "RIDER_ID": {"N": str(rider.number)},
        "RIDER_NAME": {"S": rider.name},
        "RIDER_EMAIL": {"S": rider.email},
        "RIDER_MOBILE": {"S": rider.mobile},
        "PICKUP_DATETIME": {"S": _time(trip.booked)},
        "STATUS": {"S": "Booked"},
    }
    if moment <= trip.accepted:
        return item
    if trip.is_cancelled:
        return item | {"STATUS": {"S": "Cancelled"}}
    vehicle = {"id": driver.plate, "type": trip.cab}
    item |= {
        "STATUS": {"S": "InProgress"},
        "DRIVER_ID": {"N": str(driver.number)},
        "driverid": {"S": driver.email},
        "DRIVER_NAME": {"S": driver.name},
        "DRIVER_EMAIL": {"S": driver.email},
        "DRIVER_MOBILE": {"S": driver.mobile},
        "VEHICLE_ID": {"S": driver.plate},
        "CAB_TYPE_ID": {"N": str(trip.cab)},
        "VENDOR_ID": {"N": "2"},
        "TRIP_TYPE": {"N": "2"},
        "STORE_AND_FWD_FLAG": {"S": "N"},
        "PICKUP_LONGITUDE": {"S": f"-73.{trip.number % 10**6:06d}"},
        "PICKUP_LATITUDE": {"S": f"40.{trip.number % 10**6:06d}"},
        "DriverDetails": {"S": json.dumps({"Name": driver.name, "Vehicle Details": vehicle})},
    }
    return item if moment <= trip.dropped else item | _figures(trip)


def _figures(trip: Trip) -> Item:
    spelling = "PAYMENT_TYPER" if trip.number % 2 else "PAYMENT_TYPET"
    amounts = {
        "FARE_AMOUNT": trip.fare, "EXTRA": trip.extra, "MTA_TAX": trip.taxes, "TIP_AMOUNT": trip.tip,
        "TOLLS_AMOUNT": trip.tolls, "EHAIL_FEE": 0, "IMPROVEMENT_SURCHARGE": 0,
        "TOTAL_AMOUNT": trip.total(trip.tip), "TRIP_DISTANCE": trip.miles,
    }  # fmt: skip
    return {
        "STATUS": {"S": "Completed"},
        "DROPOFF_DATETIME": {"S": _time(trip.dropped)},
        "DROPOFF_LONGITUDE": {"S": f"-73.{trip.number % 10**6:06d}"},
        "DROPOFF_LATITUDE": {"S": f"40.{trip.number % 10**6:06d}"},
        "PASSENGER_COUNT": {"N": str(trip.passengers)},
        "RATE_CODE_ID": {"N": str(trip.rate)},
        spelling: {"N": str(trip.payment)},
        **{name: {"N": _digits(cents)} for name, cents in amounts.items()},
    }


def full_lines(life: Life, index: int) -> Iterator[str]:
    """The items of a full export."""
    moment = life.moment(index)
    for told in range(index + 1):
        for trip in life.trips_of(told):
            if (item := item_of(trip, moment)) is not None:
                yield json.dumps({"Item": item}, separators=(",", ":"))


def window_lines(life: Life, index: int) -> Iterator[str]:
    """What changed between the export before and that of a day: the final state of each item."""
    since, until = life.moment(index - 1), life.moment(index)
    for told in range(max(0, index - 2), index + 1):
        for trip in life.trips_of(told):
            before, after = item_of(trip, since), item_of(trip, until)
            if before != after:
                yield json.dumps(_change(trip, before, after, until), separators=(",", ":"))


def _change(trip: Trip, before: Item | None, after: Item | None, until: datetime) -> Any:
    moments = [trip.booked, trip.accepted]
    moments.append(trip.accepted + KEPT if trip.is_cancelled else trip.dropped)
    written = max(moment for moment in moments if moment < until)
    micros = int(written.timestamp()) * 1_000_000 + trip.number % 1_000_000
    line: dict[str, Any] = {
        "Metadata": {"WriteTimestampMicros": {"N": str(micros)}},
        "Keys": _keys(trip),
    }
    line |= {"NewImage": after} if after else {}
    return line | ({"OldImage": before} if before else {})


def export(
    days: Days, life: Life, index: int, is_full: bool, lines: Iterable[str]
) -> dict[str, bytes]:
    """The objects of an export by their names below the source, in the order in which they are written."""
    moment = life.moment(index)
    code = days.stream(f"taxi export {index}").randbytes(4).hex()
    export_id = f"{int(moment.timestamp() * 1000):014d}-{code}"
    data = f"AWSDynamoDB/{export_id}/data/" if is_full else "AWSDynamoDB/data/"
    texts: list[list[str]] = [[] for _ in range(FILES)]
    for number, line in enumerate(lines):
        texts[number % FILES].append(line)
    files = {
        f"{data}{code}{number}.json.gz": gzip.compress(
            "".join(f"{t}\n" for t in text).encode(), mtime=0
        )
        for number, text in enumerate(texts)
    }
    listed = [
        _listed(name, file, len(text))
        for (name, file), text in zip(files.items(), texts, strict=True)
    ]
    summary = _summary(export_id, life, index, is_full, sum(map(len, texts)))
    folder = f"AWSDynamoDB/{export_id}/"
    manifest = "".join(json.dumps(entry) + "\n" for entry in listed).encode()
    return {
        f"{folder}_started": b"",
        **files,
        f"{folder}manifest-files.checksum": _md5(manifest).encode(),
        f"{folder}manifest-files.json": manifest,
        f"{folder}manifest-summary.checksum": _md5(summary).encode(),
        f"{folder}manifest-summary.json": summary,
    }


def _listed(name: str, file: bytes, count: int) -> dict[str, Any]:
    etag = hashlib.md5(file, usedforsecurity=False).hexdigest()
    key = BUCKET_PREFIX + name
    return {"itemCount": count, "md5Checksum": _md5(file), "etag": etag, "dataFileS3Key": key}


def _summary(export_id: str, life: Life, index: int, is_full: bool, count: int) -> bytes:
    arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}"
    moment = _millis(life.moment(index))
    times = (
        {"exportTime": moment, "exportType": "FULL_EXPORT"}
        if is_full
        else {
            "exportFromTime": _millis(life.moment(index - 1)),
            "exportToTime": moment,
            "exportType": "INCREMENTAL_EXPORT",
            "outputView": "NEW_AND_OLD_IMAGES",
        }
    )
    facts = {
        "version": "2020-06-30" if is_full else "2023-08-01",
        "exportArn": f"{arn}/export/{export_id}",
        "tableArn": arn,
        "s3Bucket": "taxi-exports",
        "s3Prefix": BUCKET_PREFIX.rstrip("/"),
        "manifestFilesS3Key": f"{BUCKET_PREFIX}AWSDynamoDB/{export_id}/manifest-files.json",
        "itemCount": count,
        "outputFormat": "DYNAMODB_JSON",
    }
    return json.dumps(facts | times).encode()


def _keys(trip: Trip) -> Item:
    return {"riderid": {"S": trip.rider.email}, "tripinfo": {"S": trip.info}}


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def _digits(cents: int) -> str:
    """DynamoDB keeps no zeros at a number's end."""
    return f"{cents / 100:.2f}".rstrip("0").rstrip(".")


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _millis(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"

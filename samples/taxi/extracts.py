"""The taxi company's extracts: bookings each evening, a snapshot of Aurora every fifth, and Oracle's history once."""

import json
from datetime import date, timedelta
from pathlib import Path

from samples.clock import stamp
from samples.days import Days
from samples.files import Evening, money
from samples.taxi.aurora import TABLES, rows_of, write_parquet
from samples.taxi.bookings import export, full_lines, window_lines
from samples.taxi.life import DRIVERS, Life
from samples.written import Dirt, Written

SNAPSHOT_EVERY = 5
HISTORY = (
    "ID DRIVER_ID BILLING_CYCLE BILLING_START BILLING_END BILLING_DATE BILLING_AMOUNT COMMISSIONS DESCRIPTION "
    "RIDES_TOTAL BILLING_STATUS"
).split()
LEAST_DAYS, BROKEN_DETAILS = 5, 0.6
_DETAILS = '"DriverDetails":{"S":"{'


def write(outdir: Path, days: Days, trips_a_day: int = 40) -> Written:
    """Write the company's extracts below `outdir/taxi`; some `trips_a_day` trips are booked in a day."""
    written, life = Written(), Life(days, trips_a_day)
    is_dirty = not days.clean and days.days >= LEAST_DAYS
    for index in range(days.first_written, days.days):
        today = days.day(index)
        is_full = index == 0 or (index == days.first_written and not days.resume)
        breaks = is_dirty and index == int(days.days * BROKEN_DETAILS) and not is_full
        _bookings(outdir, days, life, index, is_full, written, breaks)
        if index % SNAPSHOT_EVERY == 0:
            _snapshot(outdir, days, life, index, written)
        if index == 0:
            _history(outdir, today, life, written)
        written.dates.append(today)
    return written


def _bookings(
    outdir: Path, days: Days, life: Life, index: int, is_full: bool, written: Written, breaks: bool
) -> None:
    lines = list(full_lines(life, index) if is_full else window_lines(life, index))
    broken = next((n for n, line in enumerate(lines) if _DETAILS in line), None) if breaks else None
    if broken is not None:
        lines[broken] = lines[broken].replace(_DETAILS, '"DriverDetails":{"S":"', 1)
    objects = export(days, life, index, is_full, lines)
    for seconds, (name, data) in enumerate(objects.items()):
        _put(outdir / "taxi" / name, data, days.day(index), seconds, written)
    if broken is not None:
        path = f"taxi/{next(name for name in objects if name.endswith('manifest-summary.json'))}"
        # lines count over the files of the export: the first has every other line, from the first on
        place = broken // 2 + 1 + (broken % 2) * ((len(lines) + 1) // 2)
        effect = "the row is quarantined: DriverDetails is not JSON"
        day, column = days.day(index), "driver_details_name"
        written.dirt.append(
            Dirt("bad_json", effect, "taxi", "trips_table", day, path, place, column)
        )


def _snapshot(outdir: Path, days: Days, life: Life, index: int, written: Written) -> None:
    today, moment = days.day(index), life.moment(index)
    name, seconds = f"taxi-{today}", 20
    for table in TABLES:
        part = days.stream(f"taxi snapshot {index} {table}").randbytes(8).hex()
        folder = outdir / "taxi" / name / "taxidb" / f"public.{table}" / "1"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"part-00000-{part}.gz.parquet"
        write_parquet(path, table, rows_of(table, life, index))
        seconds += 1
        stamp(path, today, seconds)
        written.add(path)
    info = {
        "exportTaskIdentifier": name,
        "sourceArn": "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:taxi",
        "snapshotTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "percentProgress": 100,
        "status": "COMPLETE",
    }
    path = outdir / "taxi" / f"export_info_{name}.json"
    _put(path, json.dumps(info).encode(), today, seconds + 1, written)


def _history(outdir: Path, today: date, life: Life, written: Written) -> None:
    """Cycle 1, of the month before, in Oracle's manner: dates without a century, no zero before the point."""
    start, end = today - timedelta(days=30), today - timedelta(days=1)
    rows: list[list[str | int | None]] = []
    for number in range(DRIVERS):
        driver = life.driver(number, 0)
        cents = 10_000 + driver.number * 7919 % 90_000
        rides = 5 + driver.number % 20
        rows.append([
            number + 1, driver.number, 1, _oracle(start), _oracle(end), f"{_oracle(end)} 11.59.00.250000 PM",
            money(cents), ".2", "billing cycle 1", rides, "Completed",
        ])  # fmt: skip
    Evening(outdir, "taxi", today, written).table("billing_history", HISTORY, rows)


def _oracle(day: date) -> str:
    months = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
    return f"{day.day:02d}-{months[day.month - 1]}-{day.year % 100:02d}"


def _put(path: Path, data: bytes, day: date, seconds: int, written: Written) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    stamp(path, day, seconds)
    written.add(path)

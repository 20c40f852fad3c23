"""Compares a new load with the existing ones: seen before, late, one of two, too small."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from ingestion.contract import Delivery, RowFloor, Table
from ingestion.inbox import Candidate
from ingestion.land.context import Context
from ingestion.loads import LoadOrder, Loads, Manifest
from ingestion.outcome import printable


@dataclass(frozen=True)
class NewLoad:
    """A load before its commit: its identity and its place in time.

    `promised_rows` comes from its set's record. A sender that counts its rows writes nothing but rows, so the empty
    records of such a load are rows, too (`skips_empty`, see Extract).
    """

    table: Table
    delivery: Delivery
    name: str
    load_id: str
    extract_date: date
    extracted_at: datetime
    modified_at: datetime
    is_dated_by_hand: bool
    promised_rows: int | None = None
    skips_empty: bool = True

    @property
    def order(self) -> LoadOrder:
        """Its place among the loads of its table."""
        return self.extract_date, self.extracted_at, self.modified_at, self.load_id


ARRIVAL = ("redelivered", "late_extract", "two_for_a_date", "row_floor")
"""The warnings that other loads cause."""


def larger_loads(candidate: Candidate, loads: Loads) -> list[Manifest]:
    """The loads of this name that had all these objects, and more. Without objects they are of this very extract time:
    a set may come again under its name."""
    there = {found.key for found in candidate.objects}
    return [
        load
        for load in loads.named(candidate.name)
        if there or load.extracted_at == candidate.extracted_at
        if len(there) < len(load.objects) and there <= {part.name for part in load.objects}
    ]


def known_warnings(known: Manifest, name: str, loads: Loads) -> Counter[str]:
    """The warnings of an existing load: delivered under another name, or again after other bytes of its name."""
    if known.object_name != name:
        return Counter(delivered_twice=1)
    latest = loads.named(name)[-1]
    return Counter(redelivered=1) if latest.base_load_id != known.base_load_id else Counter()


def arrival_warnings(new: NewLoad, rows_in: int, below: str | None, loads: Loads) -> Counter[str]:
    """The warnings of a new load that is landed: ARRIVAL. `below` is the problem of a released one (`below_floor`)."""
    counted = loads.counted(new.table.full_name)
    warnings: Counter[str] = Counter()
    if loads.named(new.name):
        warnings["redelivered"] = 1
    if counted and counted[-1].extract_date > new.extract_date:
        warnings["late_extract"] = 1
    if new.delivery.kind == "full" and any(
        load.extract_date == new.extract_date and load.kind == "full" for load in counted
    ):
        warnings["two_for_a_date"] = 1
    if below or not (rows_in or new.table.may_be_empty):
        # a released load keeps it: history's own gate lets the load pass by it
        warnings["row_floor"] = 1
    return warnings


def below_floor(new: NewLoad, rows: int, loads: Loads, project: RowFloor) -> str | None:
    """The problem of a full extract with far fewer rows than the newest one dated before it, if any.

    `rows` are rows_in less dropped duplicates, `project` is the floor of tables without one of their own.
    """
    if new.delivery.kind != "full":
        return None
    before = [
        load
        for load in loads.counted(new.table.full_name)
        if load.kind == "full" and load.extract_date < new.extract_date
    ]
    if not before:
        return None
    last = before[-1].rows_in - before[-1].duplicates
    if not new.table.limits.row_floor(project).is_broken_by(rows, last):
        return None
    return f"{rows} rows, the last full extract had {last}; {if_right(new)}"


def is_far_ahead(new: NewLoad, context: Context) -> bool:
    """Whether its day is in the future in every time zone: every true extract would then count as late."""
    return new.extract_date > context.today + timedelta(days=1)


def may_be_empty(new: NewLoad) -> NewLoad:
    """The same load with a table that may be empty, for an extract that a person releases."""
    return replace(new, table=new.table.model_copy(update={"may_be_empty": True}))


def if_right(new: NewLoad) -> str:
    """The advice for a held extract that is right. One that was dated by hand must be dated again."""
    words = f"--release {new.load_id}"
    if new.is_dated_by_hand:
        is_day = new.extracted_at == datetime.combine(new.extract_date, time())
        when = new.extract_date if is_day else f"{new.extracted_at:%Y-%m-%dT%H:%M:%S.%fZ}"
        words = f"--object '{printable(new.name)}' --extract-date {when} {words}"
    return f"if that is right: land {words}"


def loads_before(new: NewLoad, loads: Loads) -> list[Manifest]:
    """The loads that count and come before the new one in load order."""
    counted = loads.counted(new.table.full_name)
    return counted[: bisect_left(counted, new.order, key=lambda load: load.order)]

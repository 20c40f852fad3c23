"""`extract`: the tables of a source, read in one snapshot of its database and delivered into the inbox together."""

import logging
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ingestion.contract import Delivery, Table
from ingestion.errors import BadSettings
from ingestion.extract.address import Address, address_of
from ingestion.extract.database import Horizon, Selection, Snapshot, connected
from ingestion.extract.watermarks import Watermarks, keeper_of
from ingestion.land import Context, Progress, hold_lease, refuse_if_lost
from ingestion.store.base import INBOX
from ingestion.store.files import answering

logger = logging.getLogger(__name__)

MARGIN = timedelta(seconds=5)
"""A session takes its transaction's time a moment before others can see that it has one."""

_CLOCK_CHANGE = timedelta(hours=2)
"""So far may local time go back."""

_BLOCK = 1 << 20
_SECONDS_BETWEEN_SIGNS = 0.5


@dataclass(frozen=True)
class Extracted:
    """A table's extract: its name below the inbox, rows, bytes, and where it began (None: it is the whole table)."""

    table: str
    extract: str
    rows: int
    bytes: int
    since: datetime | None


@dataclass(frozen=True)
class _Plan:
    """A table to read, and the delivery as which it is written."""

    table: Table
    delivery: Delivery


def extract(
    context: Context,
    source: str,
    tables: Sequence[str] = (),
    *,
    whole: bool = False,
    address: Address | None = None,
    margin: timedelta = MARGIN,
    progress: Progress | None = None,
) -> list[Extracted]:
    """Extract a source's tables (all where none is named) into the inbox, and then move their watermarks.

    Incremental tables are read from their watermark on, unless `whole`. Raises BadSettings for what must be mended in
    settings, contract or grants, LandingFailed when database, lake or another extraction are in the way: then no
    watermark has moved.
    """
    plans = _plans(context, source, tables)
    address = address or address_of(source)
    holder = f"extract-{uuid.uuid4().hex[:8]}"
    keeper, lease = keeper_of(context.store, source), f"manifests/extract/{source}.lease.json"
    with (
        hold_lease(context, holder, name=lease),
        context.store.scratch() as folder,
        connected(address, source) as database,
    ):
        known = keeper.read()
        horizon = database.horizon()
        snapshot = database.snapshot()
        moment = max(context.clock().replace(microsecond=0), known.newest + timedelta(seconds=1))
        done = []
        for plan in plans:
            since = None if whole else known.tables.get(plan.table.name)
            done.append(_read(context, plan, snapshot, since, folder, moment, progress))
        refuse_if_lost(context, holder, name=lease)
        for extracted in done:
            context.store.put_file(INBOX + extracted.extract, _file(folder, extracted.table))
        moved = {p.table.name: _watermark(p.table, horizon, margin) for p in plans if _grows(p)}
        keeper.write(Watermarks(tables=known.tables | moved, newest=moment))
    return done


def _plans(context: Context, source: str, tables: Sequence[str]) -> list[_Plan]:
    """What to extract, in the contract's order. BadSettings for a name that no contract has."""
    there = [table for table in context.project if table.source == source]
    if not there:
        raise BadSettings(f"no contract names the source '{source}'")
    if unknown := set(tables) - {table.name for table in there}:
        raise BadSettings(f"no contract names the table '{source}.{min(unknown)}'")
    return [_Plan(t, _delivery(t)) for t in there if not tables or t.name in tables]


def _delivery(table: Table) -> Delivery:
    """The delivery that an extract can be written as: CSV with a header, at a path that a moment fills."""
    for delivery in table.deliveries:
        usual = (delivery.file, delivery.header, delivery.delimiter, delivery.encoding)
        fillable = "[" not in delivery.path.text and not delivery.path.words - {
            "date",
            "folder_time",
        }
        if usual == ("csv", True, ",", "utf-8") and fillable:
            return delivery
    raise BadSettings(
        f"{table.full_name}: no delivery to extract to; it needs a path of {{date}} or {{folder_time}}, as csv"
    )


def _grows(plan: _Plan) -> bool:
    return plan.delivery.kind == "incremental"


def _read(
    context: Context,
    plan: _Plan,
    snapshot: Snapshot,
    since: datetime | None,
    folder: Path,
    moment: datetime,
    progress: Progress | None,
) -> Extracted:
    """Write one table's file, not yet into the inbox."""
    table, path = plan.table, _file(folder, plan.table.name)
    selection = Selection(table, _columns(table, snapshot), _local(table, since))
    zone = ZoneInfo(context.project.business_time_zone)
    day = moment.replace(tzinfo=UTC).astimezone(zone).date()
    with (
        answering("write"),
        path.open("wb", buffering=_BLOCK) as target,
        _signs(table.name, path, progress),
    ):
        rows = snapshot.copy(selection, target)
    name = plan.delivery.path.filled(day, moment)
    return Extracted(table.name, name, rows, path.stat().st_size, since)


def _columns(table: Table, snapshot: Snapshot) -> tuple[str, ...]:
    """The contract's columns as far as they are there; what else is there is told, and never read."""
    there = snapshot.columns(table.name)
    if not there:
        raise BadSettings(f"{table.full_name}: not in the database, or the user may not see it")
    named = {column.file_name: column for column in table.columns}
    for name, column in named.items():
        if name not in there and not column.optional:
            raise BadSettings(
                f"{table.full_name}: column {name} is not in the database, or the user may not see it"
            )
    if unknown := sorted(set(there) - set(named)):
        logger.warning(
            "%s: left out, as no contract names them: %s", table.full_name, ", ".join(unknown)
        )
    return tuple(name for name in named if name in there)


def _watermark(table: Table, horizon: Horizon, margin: timedelta) -> datetime:
    """From when on the table is read next, in whole milliseconds: everything still to come is at this time or later."""
    behind = margin if horizon.is_exact else max(margin, timedelta(minutes=table.overlap_minutes))
    moment = horizon.moment - behind
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _local(table: Table, since: datetime | None) -> datetime | None:
    """A moment in the table's own time, early enough for clocks that go back once a year."""
    if since is None or table.time_zone == "UTC":
        return since
    local = since.replace(tzinfo=UTC).astimezone(ZoneInfo(table.time_zone)).replace(tzinfo=None)
    return local - _CLOCK_CHANGE


def _file(folder: Path, table: str) -> Path:
    return folder / f"{table}.csv"


@contextmanager
def _signs(table: str, path: Path, progress: Progress | None) -> Iterator[None]:
    """While the block runs, tell from time to time how large the file is by now."""
    if progress is None:
        yield
        return
    tell, done = progress, threading.Event()

    def watch() -> None:
        """Tell the size every few seconds, until the block is done."""
        while not done.wait(_SECONDS_BETWEEN_SIGNS):
            tell(f"{table}, {path.stat().st_size / 1e6:,.0f} MB")

    tell(table)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()

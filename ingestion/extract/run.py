"""`extract`: the tables of a source, read in one snapshot of its database and delivered into the inbox together."""

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ingestion.contract import Column, Delivery, Table
from ingestion.errors import BadSettings
from ingestion.extract.address import Address, address_of
from ingestion.extract.connect import connected
from ingestion.extract.database import Found, Horizon, Selection, Snapshot
from ingestion.extract.spellings import spelling_of
from ingestion.extract.watermarks import Watermarks, keeper_of
from ingestion.inbox import ENDING, record, record_of
from ingestion.land import Context
from ingestion.logs import doing
from ingestion.moments import day_of, in_millis
from ingestion.outcome import Progress, printable
from ingestion.retries import watching
from ingestion.store import INBOX, answering, hold_lease, refuse_if_lost

logger = logging.getLogger(__name__)

MARGIN = timedelta(seconds=5)
"""A session takes its transaction's time a moment before others can see the transaction."""

_BLOCK = 1 << 20
_SECONDS_BETWEEN_SIGNS = 0.5


@dataclass(frozen=True)
class Extracted:
    """A table's extract: its name below the inbox, rows, bytes, and its first watermark (None: the whole table).

    A table that was left out has a `problem`, one line, and no extract.
    """

    table: str
    extract: str | None
    rows: int = 0
    bytes: int = 0
    since: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True)
class _Plan:
    """A table to read, the delivery to write it as, and the extract's name below the inbox."""

    selection: Selection
    delivery: Delivery
    name: str

    @property
    def table(self) -> Table:
        """The table to read."""
        return self.selection.table


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

    Incremental tables are read from their watermark on, unless `whole`. A table that cannot be read is left out with
    its problem. Raises BadSettings when no table is left, or for wrong settings, LandingFailed when database or lake
    fail or another extraction is at work: then no watermark has moved.
    """
    wanted = context.project.tables_of(source, tables)
    address = address or address_of(source)
    holder = f"extract-{uuid.uuid4().hex[:8]}"
    keeper, lease = keeper_of(context.store, source), f"manifests/extract/{source}.lease.json"
    with (
        hold_lease(context.store, context.clock, holder, name=lease),
        context.store.scratch() as folder,
        connected(address, source) as database,
    ):
        known = keeper.read()
        horizon = database.horizon()
        snapshot = database.snapshot()
        moment = max(context.clock().replace(microsecond=0), known.newest + timedelta(seconds=1))
        since = {} if whole else _since(known.tables, wanted, horizon)
        plans, left_out = _planned(context, snapshot, moment, since, wanted)
        done, refused = _all_read(plans, snapshot, folder, progress)
        left_out += refused
        if not done:
            raise BadSettings("; ".join(str(one.problem) for one in left_out))
        refuse_if_lost(context.store, holder, name=lease)
        _clear_orphans(context, source)
        _deliver(context, done, folder, holder)
        moved = _moved((plan for plan, _ in done), horizon, margin)
        keeper.write(Watermarks(tables=known.tables | moved, newest=moment))
    return [extracted for _, extracted in done] + left_out


def _since(
    known: Mapping[str, datetime], tables: Iterable[Table], horizon: Horizon
) -> dict[str, datetime]:
    """The watermarks to read from. A table is read whole where its watermark is later than the server's own time: its
    clock was set back, and rows that were written since may look older than the watermark."""
    marks = {table.name: known[table.name] for table in tables if table.name in known}
    ahead = {name for name, mark in marks.items() if mark > horizon.moment}
    if ahead:
        logger.warning(
            "the server's clock is behind the watermark, read whole: %s", ", ".join(sorted(ahead))
        )
    return {name: mark for name, mark in marks.items() if name not in ahead}


def _deliver(
    context: Context, read: Iterable[tuple[_Plan, Extracted]], folder: Path, holder: str
) -> None:
    """Put the files and their sidecars into the inbox."""
    for plan, extracted in read:
        # the sidecar first: a file never lies there without its number of rows
        context.store.put(INBOX + record_of(plan.name), record(extracted.rows, holder))
        context.store.put_file(INBOX + plan.name, _file(folder, plan.table.name))


def _clear_orphans(context: Context, source: str) -> None:
    """Remove the records whose file a killed extraction did not write. The lease keeps other processes out."""
    there = {found.key: found for found in context.store.list(f"{INBOX}{source}/")}
    for key, found in there.items():
        if key.endswith(ENDING) and key.removesuffix(ENDING) not in there:
            context.store.delete(key, found.etag)


def _planned(
    context: Context,
    snapshot: Snapshot,
    moment: datetime,
    since: Mapping[str, datetime],
    tables: Iterable[Table],
) -> tuple[list[_Plan], list[Extracted]]:
    """The tables to read, and those left out: a problem of one table does not stop the others.

    Each is checked before any row is read.
    """
    plans, left_out = [], []
    for table in tables:
        try:
            plans.append(_plan(context, snapshot, moment, since.get(table.name), table))
        except BadSettings as error:
            left_out.append(Extracted(table.name, None, problem=str(error)))
    return plans, left_out


def _plan(
    context: Context, snapshot: Snapshot, moment: datetime, since: datetime | None, table: Table
) -> _Plan:
    delivery, zone = _delivery(table), context.project.business_time_zone
    selection = Selection(
        table,
        _columns(table, snapshot),
        since if delivery.kind == "incremental" else None,
        zone,
        bool(delivery.nulls),
    )
    name = delivery.path.filled(day_of(moment, zone), moment)
    if context.store.stat(INBOX + name):
        raise BadSettings(f"{table.full_name}: {name} still lies in the inbox: land it first")
    snapshot.check(selection)
    return _Plan(selection, delivery, name)


def _delivery(table: Table) -> Delivery:
    """The delivery that an extract can be written as: CSV with a header, at a path that a moment fills.

    Each incremental extract needs a moment of its own: two of one day would have one name.
    """
    for delivery in table.deliveries:
        usual = (
            delivery.file,
            delivery.header,
            delivery.skip_lines,
            delivery.delimiter,
            delivery.decimal_separator,
            delivery.quoted,
            delivery.encoding,
        )
        words = {"folder_time"} if delivery.kind == "incremental" else {"folder_time", "date"}
        fillable = "[" not in delivery.path.text and not delivery.path.words - words
        if usual == ("csv", True, 0, ",", ".", True, "utf-8") and fillable:
            return delivery
    if any("date" in d.path.words and d.kind == "incremental" for d in table.deliveries):
        raise BadSettings(
            f"{table.full_name}: an incremental table needs a delivery with {{folder_time}} to extract to:"
            " with {date} the second extract of a day would replace the first one's rows"
        )
    raise BadSettings(
        f"{table.full_name}: no delivery to extract to; it needs a path of {{date}} or {{folder_time}}, as csv"
    )


def _columns(table: Table, snapshot: Snapshot) -> dict[str, Found]:
    """The contract's columns that exist; other columns are reported and never read."""
    there = snapshot.columns(table)
    if not there:
        raise BadSettings(f"{table.full_name}: not in the database, or the user may not see it")
    if not any(found.is_readable for found in there.values()):
        raise BadSettings(f"{table.full_name}: the user may not read it, grant select")
    readable = {name: found for name, found in there.items() if found.is_readable}
    chosen = {}
    for column in table.columns:
        name = column.file_name
        if name in readable:
            chosen[name] = readable[name]
            _check_type(table, column, readable[name])
        elif not column.optional:
            raise BadSettings(
                f"{table.full_name}: column {name} is not in the database, or the user may not see it"
            )
    if unknown := sorted(set(readable) - set(chosen) - set(table.ignored_headers)):
        logger.warning(
            "%s: left out, as no contract names them: %s",
            table.full_name,
            ", ".join(map(printable, unknown)),
        )
    return chosen


def _check_type(table: Table, column: Column, found: Found) -> None:
    """Refuse a column that cannot be written as text, and a watermark that is not a time."""
    place = f"{table.full_name}: column {column.file_name} is {found.type} in the database"
    if found.kind == "binary" and not (column.binary and column.type.name == "string"):
        raise BadSettings(f"{place}: say `binary: hex` for it, as a string, or leave it out")
    is_clock = found.kind in ("date", "local", "instant")
    if column.name == table.watermark and not is_clock:
        raise BadSettings(f"{place}: a watermark is a date or a time")
    if (
        is_clock
        and column.type.name in ("date", "timestamp")
        and not spelling_of(column, found.kind)
    ):
        raise BadSettings(f"{place}: none of its formats in the contract can tell that")


def _all_read(
    plans: Iterable[_Plan], snapshot: Snapshot, folder: Path, progress: Progress | None
) -> tuple[list[tuple[_Plan, Extracted]], list[Extracted]]:
    """The tables that were read whole, and those whose query the database ended with an error of its own."""
    done, refused = [], []
    for plan in plans:
        try:
            done.append((plan, _read(plan, snapshot, folder, progress)))
        except BadSettings as error:
            refused.append(Extracted(plan.table.name, None, problem=str(error)))
    return done, refused


def _read(plan: _Plan, snapshot: Snapshot, folder: Path, progress: Progress | None) -> Extracted:
    """Write one table's file, not yet into the inbox."""
    path = _file(folder, plan.table.name)
    with (
        doing("extract", source=plan.table.source, table=plan.table.name),
        answering("write"),
        path.open("wb", buffering=_BLOCK) as target,
        _signs(plan.table.name, path, progress),
    ):
        rows = snapshot.copy(plan.selection, target)
    return Extracted(plan.table.name, plan.name, rows, path.stat().st_size, plan.selection.since)


def _moved(plans: Iterable[_Plan], horizon: Horizon, margin: timedelta) -> dict[str, datetime]:
    """The next watermark of each incremental table: every row still to come is at this time or later."""
    moved = {}
    for plan in plans:
        if plan.delivery.kind == "incremental":
            overlap = timedelta(minutes=plan.table.overlap_minutes)
            behind = margin if horizon.is_exact else max(margin, overlap)
            moved[plan.table.name] = in_millis(horizon.moment - behind)
    return moved


def _file(folder: Path, table: str) -> Path:
    return folder / f"{table}.csv"


def _signs(table: str, path: Path, progress: Progress | None) -> AbstractContextManager[None]:
    """While the block runs, report the file's size from time to time."""
    if progress is None:
        return nullcontext()

    def tell() -> bool:
        """Report the size, and go on."""
        progress(f"{table}, {path.stat().st_size / 1e6:,.0f} MB")
        return True

    progress(table)
    return watching(tell, _SECONDS_BETWEEN_SIGNS)

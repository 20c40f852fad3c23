"""`status`: each table in a line, from the manifests and the inbox."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from ingestion.inbox import Candidate, Refusal, Refusals, Survey, Surveyor, check_source
from ingestion.land.context import Context
from ingestion.land.withheld import withheld_rows
from ingestion.loads import Loads, read_loads
from ingestion.outcome import printable
from ingestion.seeds import ARCHIVE, INBOX, FindingCodes, read_finding_codes

UNCLAIMED = "(no table)"


@dataclass(frozen=True)
class TableStatus:
    """A table's newest load that counts, with its rows; rows in quarantine that the table's state lacks; the number of
    loads that count; extracts that are refused in the inbox, that wait there, and that are missing since a person took
    them out."""

    table: str
    last_extract: date | None
    load_id: str | None
    rows: int
    quarantined: int
    loads: int
    refused: int
    waiting: int
    missing: int


@dataclass(frozen=True)
class FileStatus:
    """An extract that is not landed: refused (since when and why), waiting in the inbox, discarded or retracted.

    `detail` says more than its code, `what_to_do` is the project's text on it.
    """

    file: str
    table: str
    state: str
    code: str | None
    line: int | None
    column: str | None
    since: datetime | None
    detail: str = ""
    what_to_do: str = ""


@dataclass(frozen=True)
class Status:
    """Each table of each contract, and one record for unclaimed objects if there are any; with a source only its own,
    and its extracts that are not landed: refused and waiting ones in landing order, then missing ones."""

    loads: Loads
    tables: list[TableStatus]
    files: list[FileStatus]


def status(context: Context, source: str | None = None) -> Status:
    """What is landed, and what is not, from the manifests and the inbox. BadSettings for an unknown source."""
    loads, refusals = read_loads(context.store), Refusals(context.store)
    survey = Surveyor(context.store, context.project, loads, context.clock()).survey()
    if source is not None:
        check_source(context.project, survey.candidates, source)
    tables = _tables(context, loads, survey, refusals, source)
    return Status(loads, tables, _files(context, survey, refusals, source) if source else [])


def _tables(
    context: Context, loads: Loads, survey: Survey, refusals: Refusals, source: str | None
) -> list[TableStatus]:
    refused: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    missing = Counter(f"{one.source}.{one.table}" for one in refusals if one.is_missing)
    mine = [c for c in survey.candidates if source in (None, c.source)]
    for candidate in mine:
        name = candidate.table.full_name if candidate.table else UNCLAIMED
        (refused if refusals.of(candidate) else waiting)[name] += 1
    records = []
    for table in context.project:
        if source not in (None, table.source):
            continue
        counted = loads.counted(table.full_name)
        last = counted[-1] if counted else None
        records.append(
            TableStatus(
                table.full_name,
                last.extract_date if last else None,
                last.load_id if last else None,
                last.landed if last else 0,
                withheld_rows(context.store, table, counted),
                len(counted),
                refused[table.full_name],
                waiting[table.full_name],
                missing[table.full_name],
            )
        )
    if refused[UNCLAIMED] or waiting[UNCLAIMED]:
        unclaimed = (refused[UNCLAIMED], waiting[UNCLAIMED], 0)
        records.append(TableStatus(UNCLAIMED, None, None, 0, 0, 0, *unclaimed))
    return records


def _files(context: Context, survey: Survey, refusals: Refusals, source: str) -> list[FileStatus]:
    codes = read_finding_codes(context.settings.project_dir)
    there = [_file(c, refusals.of(c), codes) for c in survey.candidates if c.source == source]
    gone = [one for one in refusals if one.is_missing and one.source == source]
    return there + [_refused(one, codes) for one in gone]


def _file(candidate: Candidate, refusal: Refusal | None, codes: FindingCodes) -> FileStatus:
    if refusal:
        return _refused(refusal, codes)
    name = candidate.table.full_name if candidate.table else UNCLAIMED
    return FileStatus(printable(candidate.name), name, "waiting", candidate.code, None, None, None)


def _refused(refusal: Refusal, codes: FindingCodes) -> FileStatus:
    name = f"{refusal.source}.{refusal.table}" if refusal.table else UNCLAIMED
    state, code = (refusal.code, None) if refusal.is_missing else ("refused", refusal.code)
    since = refusal.refused_at.replace(microsecond=0)
    place = ARCHIVE if refusal.is_missing else INBOX
    to_do = codes.about(place, refusal.code, refusal.source, refusal.name)
    return FileStatus(
        refusal.name, name, state, code, refusal.line, refusal.column, since, refusal.detail, to_do
    )

"""`status`: each table in a line, from the manifests and the inbox."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from ingestion.inbox import Surveyor
from ingestion.land.context import Context
from ingestion.loads import read_loads
from ingestion.refusals import Refusals

UNCLAIMED = "(no table)"


@dataclass(frozen=True)
class TableStatus:
    """A table's newest load that counts, with its rows and quarantined rows; loads that count in all; extracts that
    lie refused in the inbox, and those that wait there."""

    table: str
    last_extract: date | None
    load_id: str | None
    rows: int
    quarantined: int
    loads: int
    refused: int
    waiting: int


def status(context: Context) -> list[TableStatus]:
    """One record for each table of each contract, and one for what no contract claims if there is any."""
    loads, refusals = read_loads(context.store), Refusals(context.store)
    survey = Surveyor(context.store, context.project, loads, context.clock()).survey()
    refused: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for candidate in survey.candidates:
        name = candidate.table.full_name if candidate.table else UNCLAIMED
        (refused if refusals.of(candidate) else waiting)[name] += 1
    records = []
    for table in context.project:
        counted = loads.counted(table.full_name)
        last = counted[-1] if counted else None
        records.append(
            TableStatus(
                table.full_name,
                last.extract_date if last else None,
                last.load_id if last else None,
                last.landed if last else 0,
                last.quarantined if last else 0,
                len(counted),
                refused[table.full_name],
                waiting[table.full_name],
            )
        )
    if refused[UNCLAIMED] or waiting[UNCLAIMED]:
        unclaimed = (refused[UNCLAIMED], waiting[UNCLAIMED])
        records.append(TableStatus(UNCLAIMED, None, None, 0, 0, 0, *unclaimed))
    return records

"""Which loads hold the state of a table: what `run` hands to dbt, so that no engine has to look for them.

The rule is that of macros/history/state_of.sql, which decides by itself when nothing is handed over. Of `incremental`
and `append` tables every load is read, so there is nothing to say.
"""

from collections.abc import Sequence
from datetime import date

from ingestion.contract import Project, Table
from ingestion.loads import Loads, Manifest

AT_MOST = 30
"""The most loads of one table that are handed over: with more, the statement would grow long."""

WHOLE_KINDS = frozenset({"full", "changes"})


def state_loads(
    project: Project, loads: Loads, as_of: date | None
) -> dict[str, list[dict[str, str | int]]]:
    """By `source.table`, the loads up to `as_of` that hold the state, oldest first: the variable `loads`."""
    found = {
        table.full_name: _holding(table, loads.counted(table.full_name), as_of)
        for table in project
        if {delivery.kind for delivery in table.deliveries} <= WHOLE_KINDS
    }
    return {name: rows for name, rows in found.items() if len(rows) <= AT_MOST}


def _holding(
    table: Table, counted: Sequence[Manifest], as_of: date | None
) -> list[dict[str, str | int]]:
    known = [load for load in counted if as_of is None or load.extract_date <= as_of]
    whole = [n for n, load in enumerate(known) if load.kind == "full" and load.quarantined == 0]
    first = max(whole, default=0) if table.key_columns else len(known) - 1
    return [_row(number, load) for number, load in enumerate(known, 1) if number > first]


def _row(number: int, load: Manifest) -> dict[str, str | int]:
    return {
        "extract_date": load.extract_date.isoformat(),
        "load_id": load.load_id,
        "load_number": number,
        "kind": load.kind,
        "quarantined": load.quarantined,
        "unreadable_keys": load.unreadable_keys,
    }

"""The loads that hold the state of each table, which `run` hands to dbt so that no engine must look them up.

For a table without them, macros/history/counted_loads.sql looks up the same in `raw_landfall.loads`. `incremental` and
`append` tables are left out: every load of them is read.
"""

from datetime import date

from ingestion.contract import Project
from ingestion.loads import Loads, Placed, holding_state

AT_MOST = 30
"""The most loads of one table that are handed over: more would make the statement long."""

WHOLE_KINDS = frozenset({"full", "changes"})


def state_loads(
    project: Project, loads: Loads, as_of: date | None
) -> dict[str, list[dict[str, str | int | None]]]:
    """By `source.table`, the loads up to `as_of` that hold the state, oldest first: the variable `loads`."""
    found = {}
    for table in project:
        if {delivery.kind for delivery in table.deliveries} <= WHOLE_KINDS:
            state = holding_state(loads.counted(table.full_name), as_of)
            # rows without a key cannot be told apart, so no row of an earlier load can be kept
            found[table.full_name] = state if table.key_columns else state[-1:]
    return {
        name: [_row(place) for place in state]
        for name, state in found.items()
        if len(state) <= AT_MOST
    }


def _row(place: Placed) -> dict[str, str | int | None]:
    load = place.load
    return {
        "extract_date": load.extract_date.isoformat(),
        "load_id": load.load_id,
        "load_number": place.load_number,
        "kind": load.kind,
        "quarantined": load.quarantined,
        "unreadable_keys": load.unreadable_keys,
        "closed_by": place.closed_by,
    }

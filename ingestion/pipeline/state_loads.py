"""Which loads hold the state of a table: what `run` hands to dbt, so that no engine has to look for them.

Where nothing is handed over, macros/history/counted_loads.sql looks the same up in `raw_landfall.loads`. Of
`incremental` and `append` tables every load is read, so there is nothing to say.
"""

from datetime import date

from ingestion.contract import Project
from ingestion.loads import Loads, Placed, holding_state

AT_MOST = 30
"""The most loads of one table that are handed over: with more, the statement would grow long."""

WHOLE_KINDS = frozenset({"full", "changes"})


def state_loads(
    project: Project, loads: Loads, as_of: date | None
) -> dict[str, list[dict[str, str | int | None]]]:
    """By `source.table`, the loads up to `as_of` that hold the state, oldest first: the variable `loads`."""
    found = {}
    for table in project:
        if {delivery.kind for delivery in table.deliveries} <= WHOLE_KINDS:
            state = holding_state(loads.counted(table.full_name), as_of)
            # nothing tells rows without a key apart, so that nothing can be kept
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

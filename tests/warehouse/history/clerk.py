"""The expected history, computed with plain dictionaries, load after load."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.warehouse.raw_tables import Load

State = dict[Any, tuple[Any, ...]]
"""Key -> what the row says."""


def state_on(loads: Iterable[Load], day: date) -> State:
    """The state at the end of a day. `loads` are those of one table that count."""
    state: State = {}
    stamps: dict[Any, Any] = {}
    for load in sorted(loads, key=lambda each: (each.day, each.second)):
        if load.day <= day:
            _APPLY[load.kind](state, stamps, load)
    return state


def said(row: Any) -> tuple[Any, ...]:
    """What a row says, without its key, its stamp and its fate."""
    return row["word"], row.get("number")


def _full(state: State, stamps: dict[Any, Any], load: Load) -> None:
    there = {row["id"] for row in load.rows}
    if None not in load.withheld:
        for key in [key for key in state if key not in there and str(key) not in load.withheld]:
            del state[key]
    state.update({row["id"]: said(row) for row in load.rows})


def _changes(state: State, stamps: dict[Any, Any], load: Load) -> None:
    for row in sorted(load.rows, key=lambda each: each["changed_at"]):
        state.pop(row["id"], None)
        if row["_operation"] != "D":
            state[row["id"]] = said(row)


def _incremental(state: State, stamps: dict[Any, Any], load: Load) -> None:
    for row in load.rows:
        if row["id"] in stamps and row["changed_at"] < stamps[row["id"]]:
            continue
        stamps[row["id"]] = row["changed_at"]
        state.pop(row["id"], None)
        if not row.get("is_gone"):
            state[row["id"]] = said(row)


def _append(state: State, stamps: dict[Any, Any], load: Load) -> None:
    for row in load.rows:
        state.setdefault(row["id"], said(row))


_APPLY = {"full": _full, "changes": _changes, "incremental": _incremental, "append": _append}

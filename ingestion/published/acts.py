"""What persons did to the lake: who, when and why. It is read from the records that each act itself leaves."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from ingestion.forgotten import read_forgotten
from ingestion.inbox import DISCARDED_OBJECTS
from ingestion.loads import Loads, Manifest
from ingestion.store import Store, read_many

_RECORD = re.compile(rf"{DISCARDED_OBJECTS}[0-9a-f]{{64}}-[0-9]{{8}}T[0-9]+\.json")

logger = logging.getLogger(__name__)


def is_record_of_discard(key: str) -> bool:
    """Whether a key of the archive is that of the record of a discard, and not a discarded object."""
    return bool(_RECORD.fullmatch(key))


def act_rows(store: Store, loads: Loads) -> Iterator[dict[str, Any]]:
    """Releases, relandings, retractions, discards and forgettings, oldest first. A forgetting names no person."""
    rows = [row for load in loads if (row := _of_load(load))]
    rows += _of_discards(store)
    rows += [
        _row(
            act="forgot",
            act_id=f"{one.domain}-{one.pseudonym[:16]}",
            acted_at=one.forgotten_at,
            acted_by=one.by,
            reason=one.reason,
        )
        for one in read_forgotten(store)
    ]
    yield from sorted(rows, key=lambda row: (row["acted_at"], row["act_id"]))


def _row(**known: Any) -> dict[str, Any]:
    blank = dict.fromkeys(("reason", "source_name", "table_name", "load_id", "object_name"))
    return {**blank, **known}


def _of_load(load: Manifest) -> dict[str, Any] | None:
    """The act that made a generation, if a person asked for it."""
    if load.act not in ("released", "relanded", "retracted"):
        return None
    return _row(
        act=load.act,
        act_id=f"{load.full_name}-{load.load_id}",
        acted_at=load.landed_at,
        acted_by=load.by,
        reason=load.reason if load.act == "retracted" else None,
        source_name=load.source,
        table_name=load.table,
        load_id=load.load_id,
        object_name=load.object_name,
    )


def discarded_parts(store: Store, table: str, day: date) -> set[str]:
    """The keys that the objects of a table (`source.table`) had which a person discarded of this extract date."""
    return {
        str(record.get("object"))
        for _, record in _discards(store)
        if f"{record.get('source')}.{record.get('table')}" == table
        and record.get("extract_date") == day.isoformat()
    }


def _of_discards(store: Store) -> list[dict[str, Any]]:
    return [row for key, record in _discards(store) if (row := _of_discard(key, record))]


def _discards(store: Store) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each record of a discard with its key; empty if it cannot be read."""
    found = store.list(DISCARDED_OBJECTS)
    texts = read_many(store, sorted(one.key for one in found if is_record_of_discard(one.key)))
    for key, text in texts.items():
        try:
            record = json.loads(text or b"")
        except ValueError:
            record = None
        yield key, record if isinstance(record, dict) else {}


def _of_discard(key: str, record: dict[str, Any]) -> dict[str, Any] | None:
    """The act of a record; None if it cannot be read."""
    try:
        acted_at = datetime.fromisoformat(record["discarded_at"])
        name, reason = str(record["object"]), str(record["reason"])
    except (ValueError, KeyError, TypeError):
        logger.warning("%s is not the record of a discard", key)
        return None
    return _row(
        act="discarded",
        act_id=key.rpartition("/")[2].removesuffix(".json"),
        acted_at=acted_at,
        acted_by=record.get("by"),
        reason=reason,
        source_name=record.get("source"),
        table_name=record.get("table"),
        object_name=name,
    )

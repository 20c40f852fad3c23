"""A person's commands on a load or a refused object: `retract`, `reland`, `discard`; and `register`, which repairs."""

import hashlib
import json
import re
import uuid
from typing import Any

from ingestion.errors import BadSettings, LandingFailed
from ingestion.forgotten import listed, read_forgotten
from ingestion.inbox import (
    DISCARDED,
    DISCARDED_OBJECTS,
    Candidate,
    Refusals,
    Survey,
    Surveyor,
    chosen,
    name_in_inbox,
)
from ingestion.land.again import land_again
from ingestion.land.commit import register_all, registrations
from ingestion.land.context import Context
from ingestion.land.parts import ending
from ingestion.land.workplace import check_key, make_visible, workplace
from ingestion.loads import Loads, Manifest, commit, read_loads
from ingestion.outcome import Outcome, printable
from ingestion.store import INBOX, Store, StoredObject, StoreProblem

_ENDING = re.compile(r"(\.[A-Za-z0-9]{1,10}){0,2}")


def register(context: Context) -> None:
    """Make the catalogue show exactly what the manifests say; every table of every contract exists afterwards."""
    loads = read_loads(context.store)
    register_all(context, loads, None)
    make_visible(context, loads, Refusals(context.store), again=True)


def catch_up(context: Context) -> None:
    """Register the loads that were committed since the last registration."""
    make_visible(context, read_loads(context.store), Refusals(context.store))


def retract(
    context: Context, table_name: str, load_id: str, reason: str, *, is_surplus: bool = False
) -> None:
    """Take back a load: commit a generation that is marked retracted, and remove its partition from the catalogue.

    Its day is reported as missing until a load takes its place, unless it `is_surplus`. A repetition can only change
    this mark. BadSettings for an unknown table or load, or without a reason.
    """
    table = context.project.table(table_name)
    if not reason.strip():
        raise BadSettings("say why: --reason is kept with the load")
    loads = read_loads(context.store)
    load = loads.by_id(table_name, load_id)
    if not (load.retracted or _commits_retraction(context, loads, load, reason)):
        raise LandingFailed(
            f"another process has relanded or retracted {load_id} just now: look again"
        )
    refusals = Refusals(context.store)
    if not is_surplus:
        refusals.remember_retracted(load, loads, context.clock())
    elif refusals.missing(load.object_name):
        refusals.drop(load.object_name)
    context.catalog.register(registrations([table], loads))
    make_visible(context, loads, refusals)


def _commits_retraction(context: Context, loads: Loads, load: Manifest, reason: str) -> bool:
    """Commit the load's next generation, marked as retracted. False when another process was faster."""
    changes = {
        "generation": load.generation + 1,
        "retracted": True,
        "reason": reason,
        "landed_at": context.clock(),
        "writer": uuid.uuid4().hex,
        "erases": False,
        "act": "retracted",
        "by": context.acting,
        "seconds": None,
    }
    retracted = load.model_copy(update=changes)
    (stored,) = commit(context.store, [retracted])
    if stored is retracted:
        loads.add(retracted)
    return stored is retracted


def reland(context: Context, table_name: str, load_id: str | None = None) -> list[Outcome]:
    """Land again the loads of `source.table` that were landed under another contract than today's.

    With `load_id` only that load, whatever its contract; a retracted one then counts again. A load that today's
    contract refuses stays as it was, and its outcome says so. Raises BadSettings for an unknown table or load.
    """
    table = context.project.table(table_name)
    loads = read_loads(context.store)
    if load_id:
        chosen = [loads.by_id(table_name, load_id)]
    else:
        chosen = [
            load for load in loads.counted(table_name) if load.contract_hash != table.contract_hash
        ]
    check_key(context, [table] if chosen else [], dry_run=False)
    people = listed(read_forgotten(context.store))
    with workplace(context, loads, listed=people, by=context.acting) as work:
        outcomes = [land_again(work, table, load) for load in chosen]
    if any(outcome.outcome == "landed" for outcome in outcomes):
        # the earlier generations' partitions leave the catalogue
        context.catalog.register(registrations([table], loads))
    make_visible(context, loads, Refusals(context.store))
    return outcomes


def discard(context: Context, object_key: str, reason: str, *, is_surplus: bool = False) -> str:
    """Move an extract of the inbox into the archive with the reason; returns its place there.

    It may be in any state: refused, waiting, or not checked yet. Its day is reported as missing until a load takes its
    place, unless it `is_surplus`: then nothing is missing. A later call may say so of an extract that was discarded or
    retracted before. BadSettings when it is not in the inbox, or without a reason.
    """
    if not reason.strip():
        raise BadSettings("say why: --reason is kept with the object")
    loads = read_loads(context.store)
    refusals = Refusals(context.store)
    survey = Surveyor(context.store, context.project, loads, context.clock()).survey()
    wanted = name_in_inbox(object_key, context.store.root)
    found = chosen(survey.candidates, None, wanted)
    if found:
        # markers first: alone, as a kill would leave them, they would say that the table is empty
        aside = [*found[0].markers, *found[0].objects, *_left_alone(survey, found[0])]
    else:
        aside = [c for c in survey.companions if wanted == c.key.removeprefix(INBOX)]
    before = refusals.missing(wanted) if is_surplus else None
    if not aside and not found and not before:
        raise BadSettings(f"no such object in the inbox: {printable(object_key)}")
    facts = _facts(found[0], refusals) if found else {}
    places = [_put_aside(context, stored, facts, reason) for stored in aside]
    if before:
        places.append(_record(context, INBOX + before.name, {"surplus": True}, reason))
    if found and not is_surplus and found[0].table:
        refusals.remember(found[0], DISCARDED, None, None, context.clock())
        refusals.drop_all_but({c.name for c in survey.candidates if c is not found[0]}, loads)
    elif found or before:
        refusals.drop(found[0].name if found else wanted)
    make_visible(context, loads, refusals)
    return ", ".join(places)


def _left_alone(survey: Survey, candidate: Candidate) -> list[StoredObject]:
    """The companions of a set whose other objects have left the inbox."""
    promise = candidate.promise
    others = [c.name for c in survey.candidates if c is not candidate]
    if not promise or any(name.startswith(promise.folder) for name in others):
        return []
    return survey.companions_of(promise.folder)


def _facts(candidate: Candidate, refusals: Refusals) -> dict[str, Any]:
    """The extract in the record of a discarded object."""
    refusal = refusals.of(candidate)
    facts: dict[str, Any] = {
        "source": printable(candidate.source),
        "table": candidate.table_name,
        "extract_date": candidate.extract_date.isoformat() if candidate.extract_date else None,
        "code": candidate.code,
    }
    if refusal:
        facts |= refusal.model_dump(mode="json", include={"code", "line", "column", "refused_at"})
    return facts


def _put_aside(context: Context, stored: StoredObject, facts: dict[str, Any], reason: str) -> str:
    store = context.store
    # a link or a pipe has no bytes of its own
    key = _archive(store, stored) if stored.is_file else None
    record_key = _record(context, printable(stored.key), {"archive": key, **facts}, reason)
    store.delete(stored.key, stored.etag if stored.is_file else None)
    return key or record_key


def _record(context: Context, name: str, facts: dict[str, Any], reason: str) -> str:
    """Record the discarded object and the reason; returns the record's key."""
    now = context.clock()
    key = (
        f"{DISCARDED_OBJECTS}{hashlib.sha256(name.encode()).hexdigest()}-{now:%Y%m%dT%H%M%S%f}.json"
    )
    by = context.acting
    told = {"object": name, "reason": reason, "discarded_at": now.isoformat(), "by": by}
    record = told | facts
    context.store.put(key, json.dumps(record).encode())
    return key


def _archive(store: Store, stored: StoredObject) -> str:
    """Copy an object into the archive; its place there."""
    with store.scratch() as folder:
        path = folder / "object"
        try:
            sha256 = store.fetch(stored, path)
        except StoreProblem as error:
            name = printable(stored.key.removeprefix(INBOX))
            raise LandingFailed(
                f"{name} cannot be read, or has just changed: look again"
            ) from error
        end = ending(stored.key)
        key = f"{DISCARDED_OBJECTS}{sha256}{end if _ENDING.fullmatch(end) else ''}"
        store.put_file(key, path, sha256)
    return key

"""What a person may do with a load or a refused object: `retract`, `discard`; and `register`, which repairs."""

import json
import re
import uuid

from ingestion.candidates import chosen, name_in_inbox, printable
from ingestion.errors import BadSettings, LandingFailed
from ingestion.inbox import Surveyor
from ingestion.land.context import Context
from ingestion.land.lander import make_visible
from ingestion.land.parts import ending
from ingestion.land.pending import register_all, registrations
from ingestion.land.reland import table_called
from ingestion.loads import read_loads
from ingestion.refusals import Refusal, Refusals
from ingestion.store import StoredObject, StoreProblem

DISCARDED = "archive/discarded/"
_ENDING = re.compile(r"(\.[A-Za-z0-9]{1,10}){0,2}")


def register(context: Context) -> None:
    """Make the catalogue show exactly what the manifests say; every table of every contract exists afterwards."""
    loads = read_loads(context.store)
    register_all(context, loads, None)
    make_visible(context, loads, Refusals(context.store))


def retract(context: Context, table_name: str, load_id: str, reason: str) -> None:
    """Take a load back: a generation marked retracted is committed, and its partition leaves the catalogue.

    Done again, nothing happens. BadSettings for an unknown table or load, or without a reason.
    """
    table = table_called(context, table_name)
    if not reason.strip():
        raise BadSettings("say why: --reason is kept with the load")
    loads = read_loads(context.store)
    load = loads.by_id(table_name, load_id)
    if load is None:
        raise BadSettings(f"{table_name} has no load {load_id}")
    if not load.retracted:
        changes = {
            "generation": load.generation + 1,
            "retracted": True,
            "reason": reason,
            "landed_at": context.clock(),
            "writer": uuid.uuid4().hex,
        }
        retracted = load.model_copy(update=changes)
        if not context.store.put_if_absent(retracted.key, retracted.to_bytes()):
            raise LandingFailed(
                f"another process has relanded or retracted {load_id} just now: look again"
            )
        loads.add(retracted)
    context.catalog.register(registrations([table], loads))
    make_visible(context, loads, Refusals(context.store))


def discard(context: Context, object_key: str, reason: str) -> str:
    """Put a refused extract aside, into the archive with the reason; returns its place there.

    BadSettings when it does not lie in the inbox, was not refused, or no reason is given.
    """
    if not reason.strip():
        raise BadSettings("say why: --reason is kept with the object")
    loads = read_loads(context.store)
    refusals = Refusals(context.store)
    survey = Surveyor(context.store, context.project, loads, context.clock()).survey()
    wanted = name_in_inbox(object_key, context.store.root)
    found = chosen(survey.candidates, None, wanted)
    if not found:
        raise BadSettings(f"no such object in the inbox: {printable(object_key)}")
    refusal = refusals.of(found[0])
    if refusal is None:
        raise BadSettings(
            f"{printable(object_key)} was not refused: only what was refused can be put aside"
        )
    promise = found[0].promise
    others = [c.name for c in survey.candidates if c is not found[0]]
    is_last = promise and not any(name.startswith(promise.folder) for name in others)
    companions = survey.companions_of(promise.folder) if promise and is_last else []
    aside = [*found[0].objects, *companions]
    places = [_put_aside(context, stored, refusal, reason) for stored in aside]
    refusals.forget(found[0].name)
    make_visible(context, loads, refusals)
    return ", ".join(places)


def _put_aside(context: Context, stored: StoredObject, refusal: Refusal, reason: str) -> str:
    store = context.store
    with store.scratch() as folder:
        path = folder / "object"
        try:
            sha256 = store.fetch(stored, path)
        except StoreProblem as error:
            raise LandingFailed(
                f"{refusal.name} cannot be read, or has just changed: look again"
            ) from error
        end = ending(stored.key)
        key = f"{DISCARDED}{sha256}{end if _ENDING.fullmatch(end) else ''}"
        store.put_file(key, path, sha256)
    record = {
        "object": printable(stored.key),
        "reason": reason,
        "discarded_at": context.clock().isoformat(),
        **refusal.model_dump(mode="json", include={"code", "line", "column", "refused_at"}),
    }
    store.put(f"{DISCARDED}{sha256}.json", json.dumps(record).encode())
    store.delete(stored.key, stored.etag)
    return key

"""Lands a committed load again from the archive, as its next generation."""

import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from ingestion.codes import Code
from ingestion.contract import Delivery, Table
from ingestion.errors import BadExtract, BadSettings, LandingFailed
from ingestion.land.convert import Job
from ingestion.land.draft import Draft, manifest_of, store_files
from ingestion.land.extract import (
    Work,
    counted,
    kept_counts,
    refuse_if_forgotten,
    refused,
    summary,
)
from ingestion.land.parts import LocalPart
from ingestion.land.rules import NewLoad, may_be_empty
from ingestion.loads import Act, Manifest, SourceObject, commit, generation_id
from ingestion.outcome import Outcome
from ingestion.store import INBOX, NotAllowed, StoredObject


class LostOriginal(LandingFailed):
    """The archive lacks the bytes that were landed."""


_NOT_GIVEN = "the archive does not give it: no permission, or it is to be restored from Glacier"


def land_again(
    work: Work,
    table: Table,
    load: Manifest,
    when: tuple[date, datetime] | None = None,
    *,
    act: Act = "relanded",
) -> Outcome:
    """Read a load from the archive and commit its next generation, of another extract date and time if given `when`.

    With act `forgot` this happens only if a forgotten person must be removed from it, and a retracted load stays
    retracted. The generation is then in `work.loads`. The outcome is `refused` when today's contract refuses it or the
    archive cannot be read, and `nothing` when nothing needs to be done or another process has committed that
    generation. LostOriginal when the archive lacks it.
    """
    begun, new = time.monotonic(), _same_load(table, load, when)
    outcome = Outcome(
        load.object_name, load.source, load.table, new.extract_date, _next_id(load), "nothing"
    )
    with work.place() as folder:
        try:
            parts = [_part(work, part, folder / f"part-{n}") for n, part in enumerate(load.objects)]
            converted = work.worker.convert(_job(work, load, new, parts, folder))
        except NotAllowed:
            return replace(outcome, outcome="refused", code=Code.UNREADABLE, message=_NOT_GIVEN)
        except BadExtract as error:
            return refused(outcome, error)
        erases = converted.parts != parts
        if act == "forgot" and not erases:
            return outcome
        kept, withheld = kept_counts(work, new, converted, folder)
        draft = Draft(
            new, load.sha256, converted, work.writer, begun, load.generation + 1, kept, withheld,
            {**converted.warnings, **_released(load)}, erases, act,
            work.by if act == "relanded" else None,
        )  # fmt: skip
        return _committed(work, load, draft, outcome)


def _next_id(load: Manifest) -> str:
    return generation_id(load.base_load_id, load.generation + 1)


def _job(work: Work, load: Manifest, new: NewLoad, parts: list[LocalPart], folder: Path) -> Job:
    """The conversion of an archived load: one that a person released may be empty again."""
    shape = may_be_empty(new) if Code.ROW_FLOOR in _released(load) else new
    return Job(shape, _next_id(load), parts, folder, work.listed, load.forgotten, load.unnamed)


def _committed(work: Work, load: Manifest, draft: Draft, outcome: Outcome) -> Outcome:
    """The outcome after the commit of the next generation, by this process or another."""
    manifest = manifest_of(work.context, draft)
    if load.retracted and draft.act == "forgot":
        manifest = manifest.model_copy(update={"retracted": True, "reason": load.reason})
    manifest = store_files(work.context, draft, manifest)
    refuse_if_forgotten(work, [manifest])
    (stored,) = commit(work.context.store, [manifest])
    work.loads.add(stored)
    if stored is not manifest:
        return replace(outcome, message="another process has relanded or retracted it")
    return replace(counted(outcome, manifest), outcome="landed", message=summary(manifest))


def _released(load: Manifest) -> dict[str, int]:
    """A load that a person released stays released."""
    released = (Code.ROW_FLOOR, Code.FUTURE_EXTRACT)
    return {code: count for code, count in load.warnings.items() if code in released}


def _same_load(table: Table, load: Manifest, when: tuple[date, datetime] | None) -> NewLoad:
    extract_date, extracted_at = when or (load.extract_date, load.extracted_at)
    return NewLoad(
        table,
        _delivery(table, load),
        load.object_name,
        load.base_load_id,
        extract_date,
        extracted_at,
        load.object_modified_at,
        load.is_dated_by_hand,
        # the set's record may be gone: what the generation before took for a row is one
        skips_empty=Code.EMPTY_ROW in load.warnings,
    )


def _delivery(table: Table, load: Manifest) -> Delivery:
    """The delivery of the load in today's contract."""
    for delivery in table.deliveries:
        if str(delivery.path) == load.path and delivery.kind == load.kind:
            return delivery
    names = [load.object_name, *(part.name.removeprefix(INBOX) for part in load.objects[:1])]
    for delivery in table.deliveries:
        if delivery.kind == load.kind and any(delivery.path.match(name) for name in names):
            return delivery
    raise BadSettings(
        f"{table.full_name}: no delivery of today's contract claims load {load.load_id}"
    )


def _part(work: Work, part: SourceObject, path: Path) -> LocalPart:
    store = work.context.store
    found = store.stat(part.archive)
    if found is None:
        raise LostOriginal(f"{part.archive} is not in the archive any more")
    if store.fetch(found, path) != (part.archived_sha256 or part.sha256):
        raise LostOriginal(f"{part.archive} is not what was landed")
    stored = StoredObject(part.name, part.size, part.modified_at, part.etag)
    return LocalPart(stored, path, part.sha256, part.archived_sha256)

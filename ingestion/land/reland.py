"""`reland`: a load again from the archive, under today's contract, as its next generation."""

import uuid
from dataclasses import replace
from pathlib import Path

from ingestion.contract import Delivery, Table
from ingestion.errors import BadExtract, BadSettings, LandingFailed
from ingestion.inbox import INBOX
from ingestion.land.commit import Draft, manifest_of, store_files
from ingestion.land.context import Context, Outcome
from ingestion.land.convert import Converter
from ingestion.land.extract import Work, counted, kept_counts, summary
from ingestion.land.lander import check_key, make_visible, workplace
from ingestion.land.parts import LocalPart
from ingestion.land.pending import registrations
from ingestion.land.rules import NewLoad
from ingestion.loads import read_loads
from ingestion.manifest import Manifest, SourceObject, generation_id
from ingestion.refusals import Refusals
from ingestion.store import StoredObject


def reland(context: Context, table_name: str, load_id: str | None = None) -> list[Outcome]:
    """Land again the loads of `source.table` that were landed under another contract than today's.

    With `load_id` that load alone, whatever its contract; a retracted one counts again then. A load that today's
    contract refuses stays as it was, and its outcome says so. Raises BadSettings for an unknown table or load.
    """
    table = table_called(context, table_name)
    loads = read_loads(context.store)
    if load_id:
        one = loads.by_id(table_name, load_id)
        if one is None:
            raise BadSettings(f"{table_name} has no load {load_id}")
        chosen = [one]
    else:
        chosen = [
            load for load in loads.counted(table_name) if load.contract_hash != table.contract_hash
        ]
    check_key(context, [table] if chosen else [], dry_run=False)
    with workplace(context, dry_run=False) as (folder, connection):
        work = Work(context, loads, folder, connection, uuid.uuid4().hex)
        outcomes = [_again(work, table, load) for load in chosen]
    if any(outcome.outcome == "landed" for outcome in outcomes):
        # the earlier generations' partitions leave the catalogue
        context.catalog.register(registrations([table], loads))
    make_visible(context, loads, Refusals(context.store))
    return outcomes


def table_called(context: Context, table_name: str) -> Table:
    """The table `source.table` of the project; BadSettings when no contract names it."""
    try:
        return context.project.table(table_name)
    except KeyError:
        raise BadSettings(f"no contract for {table_name}: write it as source.table") from None


def _again(work: Work, table: Table, load: Manifest) -> Outcome:
    new = _same_load(table, load)
    generation = load.generation + 1
    load_id = generation_id(load.base_load_id, generation)
    outcome = Outcome(
        load.object_name, load.source, load.table, load.extract_date, load_id, "nothing"
    )
    with work.place() as folder:
        parts = [
            _from_archive(work, part, folder / f"part-{n}") for n, part in enumerate(load.objects)
        ]
        converter = Converter(new, load_id, parts, folder, work.context.pseudonyms, work.connection)
        try:
            converted = converter.convert()
        except BadExtract as error:
            return _refused(outcome, error, converter)
        kept, withheld = kept_counts(work, new, converted, folder)
        draft = Draft(
            new, parts, load.sha256, converted, work.writer, generation, kept, withheld,
            {**converted.warnings, **_released(load)},
        )  # fmt: skip
        manifest = manifest_of(work.context, draft)
        store_files(work.context, draft, manifest)
        if not work.context.store.put_if_absent(manifest.key, manifest.to_bytes()):
            return replace(outcome, message="another process has relanded or retracted it")
    work.loads.add(manifest)
    return replace(counted(outcome, manifest), outcome="landed", message=summary(manifest))


def _refused(outcome: Outcome, error: BadExtract, converter: Converter) -> Outcome:
    return replace(
        outcome,
        outcome="refused",
        code=error.code,
        line=error.line,
        column=error.column,
        rows_in=converter.rows_in,
        quarantined=converter.quarantined,
        message=error.detail,
    )


def _released(load: Manifest) -> dict[str, int]:
    """What a person once let pass stays released."""
    return {code: count for code, count in load.warnings.items() if code == "row_floor"}


def _same_load(table: Table, load: Manifest) -> NewLoad:
    return NewLoad(
        table,
        _delivery(table, load),
        load.object_name,
        load.base_load_id,
        load.extract_date,
        load.extracted_at,
        load.object_modified_at,
    )


def _delivery(table: Table, load: Manifest) -> Delivery:
    """The delivery by which the load came, as today's contract has it."""
    for delivery in table.deliveries:
        if str(delivery.path) == load.path:
            return delivery
    name = load.objects[0].name.removeprefix(INBOX)
    for delivery in table.deliveries:
        if delivery.path.match(name):
            return delivery
    raise BadSettings(
        f"{table.full_name}: no delivery of today's contract claims load {load.load_id}"
    )


def _from_archive(work: Work, part: SourceObject, path: Path) -> LocalPart:
    store = work.context.store
    found = store.stat(part.archive)
    if found is None:
        raise LandingFailed(f"{part.archive} is not in the archive any more")
    if store.fetch(found, path) != part.sha256:
        raise LandingFailed(f"{part.archive} is not what was landed")
    return LocalPart(
        StoredObject(part.name, part.size, part.modified_at, part.etag), path, part.sha256
    )

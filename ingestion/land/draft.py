"""Step 5 of the protocol: uploads the content-addressed objects, and makes the manifest that will commit them."""

import time
from dataclasses import dataclass
from pathlib import Path

from ingestion.catalog import raw_table
from ingestion.contract import Table
from ingestion.land.context import Context
from ingestion.land.convert import Converted
from ingestion.land.parts import LocalPart
from ingestion.land.rules import NewLoad
from ingestion.loads import Act, Manifest, SourceObject
from ingestion.store import Store, sha256_of


@dataclass(frozen=True)
class Draft:
    """A load that is ready to be committed. `writer` names the process, so that no two manifests are alike.

    `begun` is when its extract was opened, a time.monotonic(). `erases`, `act` and `by` are as the manifest has them.
    """

    new: NewLoad
    content: str
    converted: Converted
    writer: str
    begun: float
    generation: int = 1
    rows_kept: int = 0
    deletions_withheld: int = 0
    warnings: dict[str, int] | None = None
    erases: bool = False
    act: Act = "landed"
    by: str | None = None

    @property
    def parts(self) -> list[LocalPart]:
        """The files as the archive keeps them."""
        return self.converted.parts


def manifest_of(context: Context, draft: Draft) -> Manifest:
    """The manifest that would commit the draft now."""
    new, converted, table = draft.new, draft.converted, draft.new.table
    key = context.pseudonyms if table.has_pseudonyms else None
    return Manifest(
        source=table.source,
        table=table.name,
        base_load_id=new.load_id,
        generation=draft.generation,
        kind=new.delivery.kind,
        extract_date=new.extract_date,
        extracted_at=new.extracted_at,
        object_name=new.name,
        object_modified_at=new.modified_at,
        path=str(new.delivery.path),
        objects=tuple(_source_object(part, table) for part in draft.parts),
        sha256=draft.content,
        size=sum(part.stored.size for part in draft.parts),
        contract_hash=table.contract_hash,
        columns={name: str(kind) for name, kind in raw_table(table).columns.items()},
        pseudonym_key_id=key.key_id if key else None,
        rows_in=converted.rows_in,
        landed=converted.written.rows,
        quarantined=converted.quarantined,
        duplicates=converted.duplicates,
        unreadable_keys=converted.unreadable_keys,
        rows_kept=draft.rows_kept,
        deletions_withheld=draft.deletions_withheld,
        warnings=draft.warnings or dict(converted.warnings),
        sums=converted.written.sums,
        data_sha256=converted.written.sha256,
        data_size=converted.written.size,
        quarantine_sha256=sha256_of(converted.quarantine) if converted.quarantine else None,
        is_dated_by_hand=new.is_dated_by_hand,
        landed_at=context.clock(),
        writer=draft.writer,
        forgotten=converted.forgotten,
        unnamed=converted.unnamed,
        erases=draft.erases,
        act=draft.act,
        by=draft.by,
    )


def store_files(context: Context, draft: Draft, manifest: Manifest) -> Manifest:
    """Store originals, quarantine and rows. No reader sees them before the manifest exists.

    Returns the manifest with the seconds that all this took.
    """
    store = context.store
    if draft.generation == 1 or draft.erases:
        store_originals(store, draft.parts, manifest.source, manifest.table)
    quarantine: Path | None = draft.converted.quarantine
    if manifest.quarantine_key and quarantine:
        store.put_file(manifest.quarantine_key, quarantine, manifest.quarantine_sha256)
    if not manifest.retracted:
        store.put_file(manifest.data_key, draft.converted.written.path, manifest.data_sha256)
    return manifest.model_copy(update={"seconds": round(time.monotonic() - draft.begun, 3)})


def store_originals(store: Store, parts: list[LocalPart], source: str, table: str) -> None:
    """Store the parts as the archive keeps them, under their hashes."""
    for part in parts:
        store.put_file(part.archive_key(source, table), part.path, part.archived)


def _source_object(part: LocalPart, table: Table) -> SourceObject:
    """A part as a manifest has it."""
    stored = part.stored
    return SourceObject(
        name=stored.key,
        size=stored.size,
        sha256=part.sha256,
        etag=stored.etag,
        modified_at=stored.modified_at,
        archive=part.archive_key(table.source, table.name),
        archived_sha256=part.archived_sha256,
        archived_size=part.size if part.archived_sha256 else None,
    )

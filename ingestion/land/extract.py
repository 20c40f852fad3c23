"""One extract through the steps of the protocol: read and identify, check and convert, commit."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from ingestion.candidates import Candidate, printable
from ingestion.errors import BadExtract
from ingestion.land.commit import Draft, manifest_of, store_files
from ingestion.land.context import Context, Outcome
from ingestion.land.convert import Converted, Converter
from ingestion.land.kept import KeyStates
from ingestion.land.parts import Gone, LocalPart, fetch_parts
from ingestion.land.promised import refuse_other_bytes
from ingestion.land.rules import (
    NewLoad,
    arrival_warnings,
    below_floor,
    if_right,
    is_leftover,
    known_warnings,
    loads_before,
    may_be_empty,
)
from ingestion.loads import Loads
from ingestion.manifest import Manifest, content_of, load_id_of
from ingestion.store import StillGrowing, StoredObject


@dataclass(frozen=True)
class Result:
    """What became of an extract: `manifest` stands for it where it is landed, and is still to be committed if `is_new`.

    `read` are its objects as they were read: what is to be cleared, and nothing newer.
    """

    outcome: Outcome
    manifest: Manifest | None = None
    is_new: bool = False
    read: tuple[StoredObject, ...] = ()


@dataclass(frozen=True)
class Work:
    """What all extracts of one `land` share."""

    context: Context
    loads: Loads
    folder: Path
    connection: duckdb.DuckDBPyConnection
    writer: str
    release: str | None = None
    dry_run: bool = False

    @contextmanager
    def place(self) -> Iterator[Path]:
        """The folder for the files of one extract, emptied afterwards."""
        folder = self.folder / "extract"
        folder.mkdir(exist_ok=True)
        try:
            yield folder
        finally:
            for path in folder.iterdir():
                path.unlink()


class ExtractLander:
    """Takes one candidate up to its commit, which comes with those of others (see pending.py)."""

    def __init__(self, work: Work, candidate: Candidate) -> None:
        self._work, self._candidate, self._read = work, candidate, candidate.objects
        self._outcome = Outcome(
            extract=printable(candidate.name),
            source=printable(candidate.source),
            table=candidate.table.name if candidate.table else None,
            extract_date=candidate.extract_date,
            load_id=None,
            outcome="nothing",
        )

    def land(self) -> Result:
        """Take it as far as it goes. Raises LandingFailed; then nothing of it will be committed."""
        candidate = self._candidate
        if is_leftover(candidate, self._work.loads):
            return self._say("nothing", message="parts of an extract that is landed")
        if candidate.code:
            return self._say("waiting" if candidate.is_waiting else "refused", candidate.code)
        with self._work.place() as folder:
            try:
                return self._identify(folder)
            except StillGrowing:
                return self._say("waiting", "still_arriving")
            except Gone:
                return self._say(
                    "nothing", message="gone from the inbox: another lander was faster"
                )
            except BadExtract as error:
                return self._say(
                    "refused", error.code, error.detail, line=error.line, column=error.column
                )

    def _identify(self, folder: Path) -> Result:
        """Copy and hash; an extract that is landed already is only warned of and cleared."""
        candidate, loads = self._candidate, self._work.loads
        parts = fetch_parts(self._work.context.store, candidate.objects, folder)
        self._read = tuple(part.stored for part in parts)
        content = content_of(part.sha256 for part in parts)
        new = _new_load(candidate, content)
        self._outcome = replace(self._outcome, load_id=new.load_id)
        known = loads.newest(new.table.full_name, new.load_id)
        if known:
            warnings = known_warnings(known, new.name, loads)
            code = next(iter(warnings), None)
            text = (
                "landed before, and retracted: reland brings it back"
                if known.retracted
                else "landed before"
            )
            said = self._say("nothing", code, text, warnings=dict(warnings))
            return replace(said, manifest=known)
        if candidate.promise:
            refuse_other_bytes(candidate.promise, parts)
        return self._convert(new, parts, content, folder)

    def _convert(self, new: NewLoad, parts: list[LocalPart], content: str, folder: Path) -> Result:
        work = self._work
        is_released = work.release == new.load_id
        converter = Converter(
            may_be_empty(new) if is_released else new,
            new.load_id,
            parts,
            folder,
            work.context.pseudonyms,
            work.connection,
        )
        try:
            converted = converter.convert()
            wrong = below_floor(new, converted.rows_in - converted.duplicates, work.loads)
            if wrong and not is_released:
                raise BadExtract("row_floor", detail=wrong)
        except BadExtract as error:
            self._outcome = replace(
                self._outcome, rows_in=converter.rows_in, quarantined=converter.quarantined
            )
            if error.code == "no_rows":
                raise BadExtract("no_rows", detail=if_right(new)) from error
            raise
        kept, withheld = kept_counts(work, new, converted, folder)
        # a released load says so for good: history's own gate lets it pass by this word
        is_below = wrong or not (converted.rows_in or new.table.may_be_empty)
        released = Counter(row_floor=1) if is_below else Counter()
        warnings = converted.warnings + arrival_warnings(new, work.loads) + released
        draft = Draft(
            new, parts, content, converted, work.writer, 1, kept, withheld, dict(warnings)
        )
        return self._store(draft, manifest_of(work.context, draft))

    def _store(self, draft: Draft, manifest: Manifest) -> Result:
        self._outcome = counted(self._outcome, manifest)
        if self._work.dry_run:
            return self._say("landed", message=steps(manifest, draft))
        store_files(self._work.context, draft, manifest)
        self._work.loads.add(manifest)
        return replace(
            self._say("landed", message=summary(manifest)), manifest=manifest, is_new=True
        )

    def _say(
        self, word: str, code: str | None = None, message: str = "", **facts: object
    ) -> Result:
        outcome = replace(self._outcome, outcome=word, code=code, message=message, **facts)  # type: ignore[arg-type]
        return Result(outcome, read=self._read)


def _new_load(candidate: Candidate, content: str) -> NewLoad:
    table, delivery = candidate.table, candidate.delivery
    assert table and delivery and candidate.extract_date and candidate.extracted_at
    load_id = load_id_of(table.source, table.name, candidate.extracted_at, content)
    return NewLoad(
        table,
        delivery,
        candidate.name,
        load_id,
        candidate.extract_date,
        candidate.extracted_at,
        candidate.modified_at,
        candidate.is_dated_by_hand,
        candidate.promise.rows if candidate.promise else None,
    )


def kept_counts(work: Work, new: NewLoad, converted: Converted, folder: Path) -> tuple[int, int]:
    """rows_kept and deletions_withheld; asked only of a full extract with quarantined rows, whose table has a key."""
    quarantine = converted.quarantine
    if new.delivery.kind != "full" or not quarantine or not new.table.key_columns:
        return 0, 0
    before = loads_before(new, work.loads)
    if not before:
        return 0, 0
    states = KeyStates(work.connection, work.context.store, folder, new.table)
    return states.counts(before, converted.written.path, quarantine, converted.unreadable_keys)


def counted(outcome: Outcome, manifest: Manifest) -> Outcome:
    """The outcome with the counts of a manifest."""
    return replace(
        outcome,
        rows_in=manifest.rows_in,
        landed=manifest.landed,
        quarantined=manifest.quarantined,
        duplicates=manifest.duplicates,
        warnings=dict(Counter(manifest.warnings)),
    )


def steps(manifest: Manifest, draft: Draft) -> str:
    """What committing would do, as a sentence for a dry run."""
    said = [
        f"would archive {len(draft.parts)} object(s)"
        if draft.generation == 1
        else "would read the archive"
    ]
    if manifest.quarantine_key:
        said.append(f"quarantine {manifest.quarantined} row(s) in {manifest.quarantine_key}")
    said.append(f"write {manifest.landed} row(s) to {manifest.data_key}")
    said.append(f"commit {manifest.key}, register the partition, clear the inbox")
    return ", ".join(said)


def summary(manifest: Manifest) -> str:
    """What was kept because of quarantined rows, for people; empty when nothing was."""
    said = []
    if manifest.rows_kept:
        said.append(f"{manifest.rows_kept} quarantined row(s) keep their last known state")
    if manifest.deletions_withheld:
        said.append(f"{manifest.deletions_withheld} absent row(s) are not taken for deleted")
    return "; ".join(said)

"""One extract through the steps of the protocol: read and identify, check and convert, commit."""

import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingestion.boundary import boundary
from ingestion.codes import Code
from ingestion.errors import BadExtract, LandingFailed
from ingestion.forgotten import Forgotten, listed, read_forgotten
from ingestion.inbox import Candidate
from ingestion.land.context import Context
from ingestion.land.convert import NOBODY, Converted, Job
from ingestion.land.draft import Draft, manifest_of, store_files, store_originals
from ingestion.land.kept import KeyStates
from ingestion.land.parts import Gone, LocalPart, fetch_parts, refuse_other_bytes
from ingestion.land.rules import (
    NewLoad,
    arrival_warnings,
    below_floor,
    if_right,
    is_far_ahead,
    known_warnings,
    larger_loads,
    loads_before,
    may_be_empty,
)
from ingestion.land.worker import Worker, bounded_duckdb
from ingestion.loads import Loads, Manifest, content_of, load_id_of, refresh
from ingestion.outcome import Outcome, printable
from ingestion.published import discarded_parts
from ingestion.store import INBOX, StillGrowing, StoredObject


@dataclass(frozen=True)
class Result:
    """The result of an extract: `manifest` is its record if it is landed, `new` the load that must still be committed.

    `read` are its objects as they were read: only these are cleared, nothing newer.
    """

    candidate: Candidate
    outcome: Outcome
    manifest: Manifest | None = None
    new: NewLoad | None = None
    read: tuple[StoredObject, ...] = ()

    @property
    def draft(self) -> Manifest | None:
        """The manifest whose commit is due, if any."""
        return self.manifest if self.new else None


@dataclass(frozen=True)
class Work:
    """The shared state of all extracts of one `land`. `listed` are forgotten persons, `by` is the person who asked for
    a release, `writer` names the work, so that no two manifests are alike."""

    context: Context
    loads: Loads
    folder: Path
    worker: Worker
    release: str | None = None
    dry_run: bool = False
    listed: Forgotten = NOBODY
    by: str | None = None
    writer: str = field(default_factory=lambda: uuid.uuid4().hex)

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


def refuse_if_forgotten(work: Work, drafts: Sequence[Manifest]) -> None:
    """LandingFailed when the list of the forgotten has changed since this work began: the rows may hold one of them.

    Stored objects of the drafts are removed: no one would look for them.
    """
    store = work.context.store
    if listed(read_forgotten(store)) == work.listed:
        return
    ours = {draft.key for draft in drafts}
    needed = {key for load in work.loads if load.key not in ours for key in load.object_keys}
    store.erase(sorted({key for draft in drafts for key in draft.object_keys} - needed))
    raise LandingFailed("a person was forgotten meanwhile: run again")


class ExtractLander:
    """Takes one candidate up to its commit, which several loads share (see commit.py)."""

    def __init__(self, work: Work, candidate: Candidate) -> None:
        self._work, self._candidate, self._read = work, candidate, candidate.objects
        self._begun = time.monotonic()
        self._outcome = Outcome(
            extract=printable(candidate.name),
            source=printable(candidate.source),
            table=candidate.table_name,
            extract_date=candidate.extract_date,
            load_id=None,
            outcome="nothing",
        )

    def land(self) -> Result:
        """Process the candidate. Raises LandingFailed; then it will not be committed."""
        try:
            with boundary(self._outcome.extract):
                return self._land()
        except BadExtract as error:
            return Result(self._candidate, refused(self._outcome, error), read=self._read)

    def _land(self) -> Result:
        candidate = self._candidate
        with self._work.place() as folder:
            try:
                if self._is_leftover(folder):
                    return self._say("nothing", message="parts of an extract that is landed")
                if self._was_discarded():
                    return self._say("nothing", message="markers of a table that was discarded")
                if candidate.code:
                    word = "waiting" if candidate.is_waiting else "refused"
                    return self._say(word, candidate.code, candidate.detail)
                return self._identify(folder)
            except StillGrowing:
                return self._say("waiting", Code.STILL_ARRIVING)
            except Gone:
                return self._gone()

    def _is_leftover(self, folder: Path) -> bool:
        """Whether these are the parts that a killed lander had not yet removed after it landed all of them, judged by
        their content, even if the lake was moved since.
        """
        candidate = self._candidate
        loads = larger_loads(candidate, self._work.loads)
        if not loads:
            return False
        parts = fetch_parts(self._work.context.store, candidate.objects, folder)
        there = {(part.stored.key, part.sha256) for part in parts}
        return any(there <= {(o.name, o.sha256) for o in load.objects} for load in loads)

    def _was_discarded(self) -> bool:
        """Whether these are markers alone, of a table whose parts a person has discarded: it is not empty. 0.1.0 left
        the markers."""
        found, store = self._candidate, self._work.context.store
        if found.objects or not (found.table and found.delivery and found.extract_date):
            return False
        keys = discarded_parts(store, found.table.full_name, found.extract_date)
        names = (key.removeprefix(INBOX) for key in keys)
        path = found.delivery.path
        return any(path.match(name) and path.group(name) == found.name for name in names)

    def _gone(self) -> Result:
        """An unknown process has removed its objects: loads that others have committed are read, and nothing is
        cleared."""
        store = self._work.context.store
        refresh(store, self._work.loads)
        if any(store.stat(found.key) for found in self._candidate.objects):
            return self._say("waiting", Code.STILL_ARRIVING)
        self._read = ()
        return self._say("nothing", message="gone from the inbox: another lander was faster")

    def _identify(self, folder: Path) -> Result:
        """Copy and hash; an extract that is already landed only gets its warnings and is cleared."""
        candidate, loads = self._candidate, self._work.loads
        parts = fetch_parts(self._work.context.store, candidate.objects, folder)
        self._read = tuple(part.stored for part in parts)
        content = content_of(part.sha256 for part in parts)
        new = _new_load(candidate, content)
        self._outcome = replace(self._outcome, load_id=new.load_id)
        known = loads.newest(new.table.full_name, new.load_id)
        if candidate.is_undated and not known:
            known = _same_content(candidate, content, loads)
            if not known:
                self._outcome = replace(self._outcome, extract_date=None, load_id=None)
                raise BadExtract(Code.UNDATED_RELOAD, detail=_if_loaded_then(candidate))
        if known:
            self._archive_again(new, known, parts, folder)
            warnings = known_warnings(known, new.name, loads)
            code = next(iter(warnings), None)
            text = (
                "landed before, and retracted: reland brings it back"
                if known.retracted
                else "landed before"
            )
            said = self._say("nothing", code, text, warnings=dict(warnings))
            return replace(said, manifest=known)
        if is_far_ahead(new, self._work.context) and self._work.release != new.load_id:
            raise BadExtract(Code.FUTURE_EXTRACT, detail=if_right(new))
        if candidate.promise:
            refuse_other_bytes(candidate.promise, parts)
        return self._convert(new, parts, content, folder)

    def _archive_again(
        self, new: NewLoad, known: Manifest, parts: list[LocalPart], folder: Path
    ) -> None:
        """Delivering an extract again repairs an original that is gone from the archive or damaged there."""
        work = self._work
        if work.dry_run:
            return
        if any(part.archived_sha256 for part in known.objects):
            if all(work.context.store.stat(part.archive) for part in known.objects):
                return
            # the archive keeps the file without the forgotten: only that may be restored
            job = Job(may_be_empty(new), known.load_id, parts, folder, work.listed)
            parts = work.worker.convert(job).parts
        store_originals(work.context.store, parts, known.source, known.table)

    def _convert(self, new: NewLoad, parts: list[LocalPart], content: str, folder: Path) -> Result:
        work = self._work
        is_released = work.release == new.load_id
        shape = may_be_empty(new) if is_released else new
        try:
            converted = work.worker.convert(Job(shape, new.load_id, parts, folder, work.listed))
        except BadExtract as error:
            if error.code == Code.NO_ROWS:
                raise BadExtract(Code.NO_ROWS, detail=if_right(new)) from error
            raise
        rows = converted.rows_in - converted.duplicates
        wrong = below_floor(new, rows, work.loads, work.context.project.row_floor)
        if wrong and not is_released:
            refusal = BadExtract(Code.ROW_FLOOR, detail=wrong)
            refusal.rows_in, refusal.quarantined = converted.rows_in, converted.quarantined
            raise refusal
        kept, withheld = kept_counts(work, new, converted, folder)
        warnings = converted.warnings + arrival_warnings(new, converted.rows_in, wrong, work.loads)
        warnings += Counter(future_extract=int(is_far_ahead(new, work.context)))
        draft = Draft(
            new, content, converted, work.writer, self._begun, 1, kept, withheld, dict(warnings),
            act="released" if is_released else "landed", by=work.by if is_released else None,
        )  # fmt: skip
        return self._store(draft, manifest_of(work.context, draft))

    def _store(self, draft: Draft, manifest: Manifest) -> Result:
        self._outcome = counted(self._outcome, manifest)
        if self._work.dry_run:
            return self._say("landed", message=steps(manifest))
        manifest = store_files(self._work.context, draft, manifest)
        self._work.loads.add(manifest)
        said = self._say("landed", message=summary(manifest))
        return replace(said, manifest=manifest, new=draft.new)

    def _say(
        self, word: str, code: str | None = None, message: str = "", **facts: object
    ) -> Result:
        outcome = replace(self._outcome, outcome=word, code=code, message=message, **facts)  # type: ignore[arg-type]
        return Result(self._candidate, outcome, read=self._read)


def _same_content(candidate: Candidate, content: str, loads: Loads) -> Manifest | None:
    """The newest full load of its folder, if it has these bytes and counts: an older one may be the table again."""
    assert candidate.table
    folder = candidate.name.rpartition("/")[0] + "/"
    newest = loads.dms_loads_in(candidate.table.full_name, folder)[-1]
    return newest if newest.sha256 == content and not newest.retracted else None


def _if_loaded_then(candidate: Candidate) -> str:
    """The advice for a full load that needs a time."""
    words = f"--object '{printable(candidate.name)}' --extract-date {candidate.modified_at:%Y-%m-%dT%H:%M:%SZ}"
    return f"if DMS has loaded the table again at its file's time: land {words}"


def _new_load(candidate: Candidate, content: str) -> NewLoad:
    table, delivery = candidate.table, candidate.delivery
    assert table and delivery and candidate.extract_date and candidate.extracted_at
    load_id = load_id_of(table.source, table.name, candidate.extracted_at, content)
    promised = candidate.promise.rows if candidate.promise else None
    return NewLoad(
        table,
        delivery,
        candidate.name,
        load_id,
        candidate.extract_date,
        candidate.extracted_at,
        candidate.modified_at,
        candidate.is_dated_by_hand,
        promised,
        skips_empty=promised is None,
    )


def kept_counts(work: Work, new: NewLoad, converted: Converted, folder: Path) -> tuple[int, int]:
    """rows_kept and deletions_withheld; only for a full extract with quarantined rows, whose table has a key."""
    before = loads_to_ask(work, new, converted.quarantined)
    if not before or not converted.quarantine:
        return 0, 0
    rows, quarantine = converted.written.path, converted.quarantine
    with bounded_duckdb(work.folder) as connection:
        states = KeyStates(connection, work.context.store, folder, new.table)
        return states.counts(before, rows, quarantine, converted.unreadable_keys)


def kept_counts_again(work: Work, new: NewLoad, draft: Manifest) -> tuple[int, int]:
    """The same for a draft whose files are in the lake."""
    before = loads_to_ask(work, new, draft.quarantined)
    if not before:
        return 0, 0
    with work.place() as folder, bounded_duckdb(work.folder) as connection:
        states = KeyStates(connection, work.context.store, folder, new.table)
        return states.counts_of(before, draft)


def loads_to_ask(work: Work, new: NewLoad, quarantined: int) -> list[Manifest]:
    """The loads whose rows an extract may keep."""
    if new.delivery.kind != "full" or not quarantined or not new.table.key_columns:
        return []
    return loads_before(new, work.loads)


def refused(outcome: Outcome, error: BadExtract) -> Outcome:
    """The outcome of an extract that this error refuses."""
    return replace(
        outcome,
        outcome="refused",
        code=error.code,
        line=error.line,
        column=error.column,
        rows_in=error.rows_in,
        quarantined=error.quarantined,
        message=error.detail,
    )


def counted(outcome: Outcome, manifest: Manifest) -> Outcome:
    """The outcome with the counts of a manifest."""
    return replace(
        outcome,
        rows_in=manifest.rows_in,
        landed=manifest.landed,
        quarantined=manifest.quarantined,
        duplicates=manifest.duplicates,
        forgotten=manifest.forgotten,
        unnamed=manifest.unnamed,
        warnings=dict(Counter(manifest.warnings)),
    )


def steps(manifest: Manifest) -> str:
    """The effect of the commit, as a sentence for a dry run."""
    said = [f"would archive {len(manifest.objects)} object(s)"]
    if manifest.quarantine_key:
        said.append(f"quarantine {manifest.quarantined} row(s) in {manifest.quarantine_key}")
    said.append(f"write {manifest.landed} row(s) to {manifest.data_key}")
    said.append(f"commit {manifest.key}, register the partition, clear the inbox")
    return ", ".join(said)


def summary(manifest: Manifest) -> str:
    """The kept rows and withheld deletions, for people; empty without any."""
    said = []
    if manifest.rows_kept:
        said.append(f"{manifest.rows_kept} quarantined row(s) keep their last known state")
    if manifest.deletions_withheld:
        said.append(f"{manifest.deletions_withheld} absent row(s) are not taken for deleted")
    return "; ".join(said)

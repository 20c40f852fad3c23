"""`land`: everything in the inbox, one extract after the other, in the order of their loads."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ingestion.candidates import (
    Candidate,
    Survey,
    chosen,
    name_in_inbox,
    printable,
)
from ingestion.catalog.derived import publish_derived
from ingestion.contract import Table
from ingestion.errors import BadSettings, LandingFailed
from ingestion.inbox import Surveyor
from ingestion.land.context import Context, Outcome, Progress
from ingestion.land.extract import ExtractLander, Work
from ingestion.land.pending import Pending, register_all
from ingestion.land.redate import redate
from ingestion.loads import Loads, read_loads
from ingestion.pseudonyms import refuse_other_key
from ingestion.refusals import Refusals
from ingestion.sets import archived
from ingestion.sql import literal
from ingestion.store import INBOX, StoredObject

_MEMORY = "160MB"
"""What DuckDB may use while it looks for repeated keys; beyond that it goes to disk."""


def land(
    context: Context,
    *,
    source: str | None = None,
    object_key: str | None = None,
    extract_date: date | None = None,
    dry_run: bool = False,
    release: str | None = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Land what lies in the inbox: of one `source`, or one object, or all. One outcome for each extract.

    An object that was landed before and is gone has no outcome: events come more than once.
    `extract_date` is the date of full loads whose name tells none (DMS). `release` is the id of a load that may have
    far fewer rows than the last. A `dry_run` checks everything, says in each message what would be done, and writes
    nothing. Raises BadSettings before anything is landed, LandingFailed when storage or catalogue do not answer: then
    nothing of the extract at hand is committed, and the next `land` goes on.
    """
    loads = read_loads(context.store)
    surveyor = Surveyor(context.store, context.project, loads, context.clock(), extract_date)
    survey = surveyor.survey()
    wanted = name_in_inbox(object_key, context.store.root) if object_key else None
    candidates = chosen(survey.candidates, source, wanted)
    if wanted and not candidates:
        _refuse_unless_landed_before(wanted, loads)
        return []
    _check_words(candidates, object_key, extract_date)
    check_key(context, (c.table for c in candidates if c.table and not c.code), dry_run)
    refusals = Refusals(context.store)
    with workplace(context, dry_run) as (folder, connection):
        work = Work(context, loads, folder, connection, uuid.uuid4().hex, release, dry_run)
        redated, candidates = ([], candidates) if dry_run else redate(work, candidates)
        run = _Run(work, refusals, Pending(context, loads), bool(object_key))
        outcomes = redated + run.all(candidates, progress)
    if not dry_run:
        # only now: what is forgotten before it is committed would not be known after a kill
        refusals.forget_gone({candidate.name for candidate in survey.candidates} - run.cleared)
        _clear_companions(context, survey, run.cleared)
        make_visible(context, loads, refusals)
    return outcomes


def make_visible(context: Context, loads: Loads, refusals: Refusals) -> None:
    """Publish the tables about loads, and see to it that every table of every contract exists.

    What other landers committed meanwhile is registered here too: where a table is one view, ours may have hidden it.
    """
    late = publish_derived(context.store, context.catalog, loads, refusals, context.clock())
    register_all(context, loads, late)


class _Run:
    """One pass over the candidates. `cleared` are the names of those that left the inbox."""

    def __init__(
        self, work: Work, refusals: Refusals, pending: Pending, is_asked_for: bool
    ) -> None:
        self._work, self._refusals, self._pending = work, refusals, pending
        self._is_asked_for = is_asked_for
        self.cleared: set[str] = set()

    def all(self, candidates: list[Candidate], progress: Progress | None) -> list[Outcome]:
        """Take each as far as it goes; the outcomes in the same order. LandingFailed has those so far."""
        outcomes = self._pending.outcomes  # complete once flushed
        try:
            for candidate in candidates:
                name = printable(candidate.name)
                if progress:
                    progress(name)
                try:
                    self._one(candidate)
                except LandingFailed as error:
                    raise LandingFailed(f"{name}: {error}", outcomes) from error
        finally:
            # what is complete is committed and cleared even if the next extract failed
            if not self._work.dry_run:
                self._pending.flush()
        return outcomes

    def _one(self, candidate: Candidate) -> None:
        if (
            candidate.code == "unknown_table"
            and self._refusals.of(candidate)
            and not self._is_asked_for
        ):
            return
        result = ExtractLander(self._work, candidate).land()
        outcome = result.outcome
        if self._work.dry_run:
            self._pending.outcomes.append(outcome)
            return
        if outcome.outcome == "refused":
            now = self._work.context.clock()
            self._refusals.remember(candidate, str(outcome.code), outcome.line, outcome.column, now)
        elif outcome.outcome in ("landed", "nothing"):
            self.cleared.add(candidate.name)
        self._pending.add(result)


@contextmanager
def workplace(context: Context, dry_run: bool) -> Iterator[tuple[Path, duckdb.DuckDBPyConnection]]:
    """A folder for temporary files (of a dry run: not in the lake) and a DuckDB that stays small."""
    with TemporaryDirectory() if dry_run else context.store.scratch() as place:
        folder = Path(place)
        with duckdb.connect(config={"memory_limit": _MEMORY, "threads": 2}) as connection:
            connection.execute(f"set temp_directory = {literal(str(folder / 'duckdb'))}")
            connection.execute("set preserve_insertion_order = false")
            yield folder, connection


def _refuse_unless_landed_before(name: str, loads: Loads) -> None:
    if not loads.named(name):
        raise BadSettings(f"no such object in the inbox: {printable(name)}")


def _check_words(
    candidates: list[Candidate], object_key: str | None, extract_date: date | None
) -> None:
    if not (object_key and extract_date):
        return
    for candidate in candidates:
        if candidate.delivery and "load" not in candidate.delivery.path.words:
            raise BadSettings(
                "--extract-date is for full loads whose name tells no date; this one's name does"
            )


def check_key(context: Context, tables: Iterable[Table], dry_run: bool) -> None:
    """No table with pseudonyms is landed without the lake's key; nothing at all is landed then (BadSettings)."""
    wanted = [table for table in tables if table.has_pseudonyms]
    if not wanted:
        return
    if context.pseudonyms is None:
        name = wanted[0].full_name
        raise BadSettings(f"{name} has pseudonyms: set LANDFALL_KEY or LANDFALL_KEY_SECRET")
    refuse_other_key(context.store, context.pseudonyms, remember=not dry_run)


def _clear_companions(context: Context, survey: Survey, cleared: set[str]) -> None:
    """Archive what belongs to a set once nothing else of its folder is left in the inbox."""
    left = [candidate.name for candidate in survey.candidates if candidate.name not in cleared]
    done = [c.promise for c in survey.candidates if c.name in cleared and c.promise]
    for folder in {promise.folder for promise in done}:
        if not any(name.startswith(folder) for name in left):
            for companion in survey.companions_of(folder):
                _archive(context, companion, archived(companion.key.removeprefix(INBOX)))


def _archive(context: Context, companion: StoredObject, key: str) -> None:
    data = context.store.read(companion.key)
    if data is not None:
        context.store.put(key, data)
        context.store.delete(companion.key, companion.etag)

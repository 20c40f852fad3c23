"""`land`: everything in the inbox, one extract after the other, in the order of their loads."""

from datetime import date

from ingestion.codes import Code
from ingestion.errors import BadSettings, LandingFailed
from ingestion.forgotten import ForgottenPerson, listed, read_forgotten
from ingestion.inbox import (
    Candidate,
    Refusals,
    Survey,
    Surveyor,
    check_source,
    chosen,
    name_in_inbox,
)
from ingestion.land.clear import Clearing
from ingestion.land.commit import Pending
from ingestion.land.context import Context
from ingestion.land.erase import finish
from ingestion.land.extract import ExtractLander, Work
from ingestion.land.redate import redate
from ingestion.land.workplace import check_key, make_visible, workplace
from ingestion.loads import Loads, read_loads
from ingestion.logs import doing
from ingestion.machine import within_limits
from ingestion.outcome import Outcome, Progress, printable


def land(
    context: Context,
    *,
    source: str | None = None,
    object_key: str | None = None,
    extract_date: date | None = None,
    dry_run: bool = False,
    release: str | None = None,
    progress: Progress | None = None,
    registers: bool = True,
) -> list[Outcome]:
    """Land the inbox: of one `source`, or one object, or all. One outcome for each extract.

    An object that was landed before and is gone has no outcome: events come more than once. `extract_date` is the date
    of full loads without a date in their name (DMS). `release` is the id of a load that may have far fewer rows than
    the last. A `dry_run` checks everything, says in each message what it would do, and writes nothing. Without
    `registers` the caller registers all tables afterwards (`register`), with those about loads. Raises
    BadSettings before anything is landed, LandingFailed when storage or catalogue do not answer: then nothing of the
    extract at hand is committed, and the next `land` goes on.
    """
    loads, people = _begun(context, dry_run)
    survey = Surveyor(context.store, context.project, loads, context.clock(), extract_date).survey()
    refusals = Refusals(context.store)
    candidates = _asked_for(context, survey, refusals, loads, source, object_key)
    if object_key and not candidates:
        return []
    _check_words(candidates, object_key, extract_date)
    check_key(context, (c.table for c in candidates if c.table and not c.code), dry_run)
    words = {"release": release, "by": context.acting} if release else {}
    with workplace(context, loads, dry_run=dry_run, listed=listed(people), **words) as work:
        redated, candidates = ([], candidates) if dry_run else redate(work, candidates)
        clearing = Clearing(context.store, survey)
        pending = Pending(work, refusals, clearing)
        outcomes = redated + _landed(work, candidates, pending, progress)
    if not dry_run:
        refusals.drop_all_but({c.name for c in survey.candidates} - clearing.cleared, loads)
        if not (source or object_key):
            # after the files that they announced are committed and cleared
            for marker in survey.markers:
                context.store.delete(marker.key, marker.etag)
        if registers:
            make_visible(context, loads, refusals)
    return outcomes


def _begun(context: Context, dry_run: bool) -> tuple[Loads, list[ForgottenPerson]]:
    """The loads and the forgotten persons, after what a killed command left undone is done."""
    if not dry_run:
        context.store.restore()
    loads, people = read_loads(context.store), read_forgotten(context.store)
    if not dry_run:
        finish(context, loads, people)
    return loads, people


def _asked_for(
    context: Context,
    survey: Survey,
    refusals: Refusals,
    loads: Loads,
    source: str | None,
    object_key: str | None,
) -> list[Candidate]:
    """The candidates of one source or object, or all; none for an object that was landed before and is gone.

    An object that no contract claims is left out once it is refused, unless it is asked for by name. BadSettings for an
    unknown source, and for an object that never existed.
    """
    if source:
        check_source(context.project, survey.candidates, source)
    if not object_key:
        found = chosen(survey.candidates, source, None)
        return [c for c in found if c.code != Code.UNKNOWN_TABLE or not refusals.of(c)]
    wanted = name_in_inbox(object_key, context.store.root)
    candidates = chosen(survey.candidates, source, wanted)
    # events come more than once, and for objects without rows of their own
    if not (candidates or loads.named(wanted) or survey.sets.is_companion(wanted)):
        raise BadSettings(f"no such object in the inbox: {printable(wanted)}")
    return candidates


def _landed(
    work: Work, candidates: list[Candidate], pending: Pending, progress: Progress | None
) -> list[Outcome]:
    """Process each candidate; the outcomes in the same order. LandingFailed carries the outcomes so far."""
    outcomes = pending.outcomes  # complete once flushed
    try:
        for candidate in candidates:
            name, source = printable(candidate.name), printable(candidate.source)
            if progress:
                progress(name)
            try:
                with within_limits():
                    with doing("check", source=source, table=candidate.table_name):
                        result = ExtractLander(work, candidate).land()
                    if work.dry_run:
                        outcomes.append(result.outcome)
                    else:
                        pending.add(result)
            except LandingFailed as error:
                raise LandingFailed(f"{name}: {error}", outcomes) from error
    finally:
        # complete extracts are committed and cleared even if the next extract failed
        if not work.dry_run:
            pending.flush()
    return outcomes


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

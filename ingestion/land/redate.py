"""Loads of DMS that get another date: full loads whose only time is their file's come before the changes of their
folder, also before those that arrive later."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from ingestion.codes import Code
from ingestion.contract import DMS_WORDS, Table
from ingestion.inbox import Candidate, before_changes
from ingestion.land.again import LostOriginal, land_again
from ingestion.land.commit import registrations
from ingestion.land.extract import Work
from ingestion.loads import Manifest
from ingestion.moments import day_of
from ingestion.outcome import Outcome

logger = logging.getLogger(__name__)


def redate(work: Work, candidates: list[Candidate]) -> tuple[list[Outcome], list[Candidate]]:
    """Commit a generation with an earlier time of each full load that changes of its folder would precede, and one with
    the day in the business zone of loads that have the day of UTC: 0.1.0 dated changes so, and full loads by changes.

    Changes count whether they are landed or among the `candidates`. Returns the outcomes of those loads, and the
    candidates that may be landed: changes wait while today's contract refuses the full load that they belong to.
    """
    outcomes: list[Outcome] = []
    held: list[Candidate] = []
    for table in work.context.project:
        if any(delivery.is_dms for delivery in table.deliveries):
            mine = [c for c in candidates if c.table is table and _is_change(c)]
            done, waiting = _redate_table(work, table, mine)
            outcomes += done
            held += waiting
    return outcomes, [c for c in candidates if c not in held]


def _redate_table(
    work: Work, table: Table, changes: list[Candidate]
) -> tuple[list[Outcome], list[Candidate]]:
    """The outcomes of a table's loads that were to be dated again, and those of its `changes` that must wait.

    In load order: where a load keeps its day of UTC, the later ones of that day keep it too, or they would come first.
    """
    outcomes: list[Outcome] = []
    held: list[Candidate] = []
    days: set[date] = set()
    kept = 0
    for load in [*work.loads.counted(table.full_name)]:
        when = _due(work, table, load, changes)
        if when is None:
            continue
        is_moved = when[1] != load.extracted_at
        if not is_moved and load.extract_date in days:
            kept += 1
            continue
        if load.kind == "changes" and load.contract_hash != table.contract_hash:
            # it is dated again once it has landed under today's contract
            days.add(load.extract_date)
            continue
        outcome = _landed_again(work, table, load, when)
        is_refused = outcome.outcome == "refused"
        waiting = [c for c in changes if is_refused and _must_wait(c, load, is_moved)]
        if is_refused:
            days.add(load.extract_date)
        if is_refused and not (is_moved or waiting):
            kept += 1
        else:
            outcomes.append(outcome)
            held += waiting
    if kept:
        logger.warning("%s: %d loads keep their day of UTC", table.full_name, kept)
    if outcomes:
        # the earlier generations' partitions leave the catalogue
        work.context.catalog.register(registrations([table], work.loads))
    return outcomes, held


def _landed_again(work: Work, table: Table, load: Manifest, when: tuple[date, datetime]) -> Outcome:
    """The outcome of the next generation; `refused` also when the archive lacks its bytes, which stops no other."""
    try:
        outcome = land_again(work, table, load, when, act="redated")
    except LostOriginal as error:
        return Outcome(
            load.object_name, load.source, load.table, when[0], load.load_id, "refused",
            code=Code.UNREADABLE, message=str(error),
        )  # fmt: skip
    if outcome.outcome == "refused":
        return outcome
    said = "dated again: changes of its folder are older than its file"
    if when[1] == load.extracted_at:
        said = "dated again: its day is that of the business time zone"
    return replace(outcome, message=outcome.message or said)


def _due(
    work: Work, table: Table, load: Manifest, candidates: Iterable[Candidate]
) -> tuple[date, datetime] | None:
    """The right date and time of a load, if they differ from its own. `candidates` are changes."""
    moment, words = load.extracted_at, _words(table, load)
    if load.is_dated_by_hand or not words & DMS_WORDS:
        return None
    if "load" in words and _is_first(work, load):
        folder = _folder(load)
        changes = [
            c.extracted_at for c in candidates if c.extracted_at and c.name.startswith(folder)
        ]
        changes += work.loads.changes_in(table.full_name, folder)
        moment = before_changes(moment, changes)
    when = day_of(moment, work.context.project.business_time_zone), moment
    return None if when == (load.extract_date, load.extracted_at) else when


def _words(table: Table, load: Manifest) -> frozenset[str]:
    """The words of its path, if it is still one of the contract."""
    paths = (delivery.path for delivery in table.deliveries)
    return next((path.words for path in paths if str(path) == load.path), frozenset())


def _is_first(work: Work, load: Manifest) -> bool:
    """Whether no full load of its folder came before it: a later one has loaded the table again, amid its changes."""
    return work.loads.dms_loads_in(load.full_name, _folder(load))[0].load_id == load.load_id


def _must_wait(candidate: Candidate, load: Manifest, is_moved: bool) -> bool:
    """Whether changes may not land while this load cannot be dated again: those of a full load's folder. If only the
    load's day is wrong, they wait where they would come before it."""
    if load.kind != "full" or not candidate.name.startswith(_folder(load)):
        return False
    return is_moved or candidate.extract_date is None or candidate.extract_date < load.extract_date


def _is_change(candidate: Candidate) -> bool:
    delivery = candidate.delivery
    return not candidate.code and delivery is not None and delivery.kind == "changes"


def _folder(load: Manifest) -> str:
    return load.object_name.rpartition("/")[0] + "/"

"""Loads of DMS that get another date: full loads whose only time is their file's come before the changes of their
folder, also before those that arrive later."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from ingestion.codes import Code
from ingestion.contract import Table
from ingestion.inbox import Candidate, before_changes
from ingestion.land.again import LostOriginal, land_again
from ingestion.land.commit import registrations
from ingestion.land.extract import Work
from ingestion.loads import Manifest
from ingestion.moments import day_of
from ingestion.outcome import Outcome

logger = logging.getLogger(__name__)


def redate(work: Work, candidates: list[Candidate]) -> tuple[list[Outcome], list[Candidate]]:
    """Commit a generation with an earlier time of each full load that changes of its folder would precede, and of
    changes with the day in the business zone, where they have that of UTC: 0.1.0 dated them so.

    Changes count whether they are landed or among the `candidates`. Returns the outcomes of those loads, and the
    candidates that may be landed: changes wait while today's contract refuses the full load that they belong to.
    """
    outcomes: list[Outcome] = []
    for table in work.context.project:
        if not any(delivery.is_dms for delivery in table.deliveries):
            continue
        mine = [c for c in candidates if c.table is table]
        due = [
            (load, when)
            for load in work.loads.counted(table.full_name)
            if (when := _due(work, table, load, mine))
        ]
        kept = 0
        for load, when in due:
            outcome = _landed_again(work, table, load, when)
            is_refused = outcome.outcome == "refused"
            if load.kind == "changes" and is_refused:
                kept += 1
                continue
            if is_refused:
                folder = _folder(load)
                held = [c for c in mine if c.name.startswith(folder) and _is_change(c)]
                candidates = [c for c in candidates if c not in held]
            outcomes.append(outcome)
        if kept:
            logger.warning("%s: %d loads of changes keep their day of UTC", table.full_name, kept)
        if due:
            # the earlier generations' partitions leave the catalogue
            work.context.catalog.register(registrations([table], work.loads))
    return outcomes, candidates


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
    if load.kind == "changes":
        said = "dated again: its day is that of the business time zone"
    return replace(outcome, message=outcome.message or said)


def _due(
    work: Work, table: Table, load: Manifest, candidates: Iterable[Candidate]
) -> tuple[date, datetime] | None:
    """The right date and time of a load, if they differ from its own."""
    moment, words = load.extracted_at, _words(table, load)
    if "load" in words and not load.is_dated_by_hand and _is_first(work, load):
        folder = _folder(load)
        changes = [
            c.extracted_at
            for c in candidates
            if _is_change(c) and c.extracted_at and c.name.startswith(folder)
        ]
        changes += work.loads.changes_in(table.full_name, folder)
        moment = before_changes(moment, changes)
    elif "change_time" not in words or load.contract_hash != table.contract_hash:
        return None  # a load of another contract is dated again once it has landed under today's
    when = day_of(moment, work.context.project.business_time_zone), moment
    return None if when == (load.extract_date, load.extracted_at) else when


def _words(table: Table, load: Manifest) -> frozenset[str]:
    """The words of its path, if it is still one of the contract."""
    paths = (delivery.path for delivery in table.deliveries)
    return next((path.words for path in paths if str(path) == load.path), frozenset())


def _is_first(work: Work, load: Manifest) -> bool:
    """Whether no full load of its folder came before it: a later one has loaded the table again, amid its changes."""
    return work.loads.dms_loads_in(load.full_name, _folder(load))[0].load_id == load.load_id


def _is_change(candidate: Candidate) -> bool:
    delivery = candidate.delivery
    return not candidate.code and delivery is not None and delivery.kind == "changes"


def _folder(load: Manifest) -> str:
    return load.object_name.rpartition("/")[0] + "/"

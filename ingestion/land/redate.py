"""Full loads whose only time is their file's: changes that arrive later must still come after them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from ingestion.contract import Table
from ingestion.inbox import Candidate, before_changes
from ingestion.land.again import land_again
from ingestion.land.commit import registrations
from ingestion.land.extract import Work
from ingestion.loads import Manifest
from ingestion.outcome import Outcome


def redate(work: Work, candidates: list[Candidate]) -> tuple[list[Outcome], list[Candidate]]:
    """Commit a generation with an earlier time of each full load that changes of its folder would precede.

    Changes count whether they are landed or among the `candidates`. Returns the outcomes of those full loads, and the
    candidates that may be landed: changes wait while today's contract refuses the full load that they belong to.
    """
    outcomes: list[Outcome] = []
    for table in work.context.project:
        if not any("load" in delivery.path.words for delivery in table.deliveries):
            continue
        mine = [c for c in candidates if c.table is table]
        due = [
            (load, when)
            for load in work.loads.counted(table.full_name)
            if (when := _due(work, table, load, mine))
        ]
        for load, when in due:
            outcome = land_again(work, table, load, when, act="redated")
            if outcome.outcome == "refused":
                folder = _folder(load)
                held = [c for c in mine if c.name.startswith(folder) and _is_change(c)]
                candidates = [c for c in candidates if c not in held]
            else:
                said = "dated again: changes of its folder are older than its file"
                outcome = replace(outcome, message=outcome.message or said)
            outcomes.append(outcome)
        if due:
            # the earlier generations' partitions leave the catalogue
            work.context.catalog.register(registrations([table], work.loads))
    return outcomes, candidates


def _due(
    work: Work, table: Table, load: Manifest, candidates: Iterable[Candidate]
) -> tuple[date, datetime] | None:
    """The right date and time of a full load, if they differ from its own."""
    if load.is_dated_by_hand or not _is_timed_by_file(table, load):
        return None
    folder = _folder(load)
    changes = [
        c.extracted_at
        for c in candidates
        if _is_change(c) and c.extracted_at and c.name.startswith(folder)
    ]
    changes += work.loads.changes_in(table.full_name, folder)
    own = load.extract_date, load.extracted_at
    if not changes or own < (min(changes).date(), min(changes)):
        return None
    return before_changes(*own, changes)


def _is_timed_by_file(table: Table, load: Manifest) -> bool:
    return any(
        str(delivery.path) == load.path and "load" in delivery.path.words
        for delivery in table.deliveries
    )


def _is_change(candidate: Candidate) -> bool:
    delivery = candidate.delivery
    return not candidate.code and delivery is not None and delivery.kind == "changes"


def _folder(load: Manifest) -> str:
    return load.object_name.rpartition("/")[0] + "/"

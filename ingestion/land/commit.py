"""Steps 6 to 8 of the protocol, for a handful of loads at a time: commit, register, clear the inbox."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ingestion.catalog import Registration, raw_table
from ingestion.contract import Table
from ingestion.inbox import Refusals
from ingestion.land.clear import Clearing
from ingestion.land.context import Context
from ingestion.land.extract import Result, Work, refuse_if_forgotten
from ingestion.land.rebase import rebased, taken
from ingestion.loads import Loads, Manifest, commit, refresh
from ingestion.moments import day_of
from ingestion.outcome import Outcome

logger = logging.getLogger(__name__)

_AT_ONCE = 100
"""The most partitions that Glue takes in one call."""

_LOGGED = (
    "source", "table", "code", "load_id", "rows_in", "landed", "quarantined", "duplicates", "warnings"
)  # fmt: skip
"""The facts of an outcome that a structured log has."""

_BYTES = 64 * 2**20
"""A commit is due once this much is gathered: a power failure before it would cost landing them again."""


class Pending:
    """Loads that wait for their commit. `outcomes` has one for each addition, in order; they are final after `flush`.

    If the process is killed before the commit, the next run lands them again; after it, the next run finds them
    committed and goes on.
    """

    def __init__(self, work: Work, refusals: Refusals, clearing: Clearing) -> None:
        self._work, self._refusals, self._clearing = work, refusals, clearing
        self._added: list[Result] = []
        self._bytes = 0
        self.outcomes: list[Outcome] = []

    def add(self, result: Result) -> None:
        """Add the result of an extract."""
        self._added.append(result)
        self._bytes += sum(found.size for found in result.read)
        if len(self._added) >= _AT_ONCE or self._bytes >= _BYTES:
            self.flush()

    def flush(self) -> None:
        """Commit, register and clear the gathered loads."""
        added, self._added, self._bytes = self._added, [], 0
        results = self._committed(rebased(self._work, added))
        self._register(results)
        outcomes = [self._remembered(result) for result in results]
        self._clearing.clear([r for r in results if r.outcome.outcome in ("landed", "nothing")])
        for outcome in outcomes:
            _log(outcome)
        self.outcomes += outcomes

    def _committed(self, results: list[Result]) -> list[Result]:
        """Create the manifests; a load that another lander has committed first needs no further step."""
        drafts = [result.draft for result in results if result.draft]
        refuse_if_forgotten(self._work, drafts)
        stored = {m.key: m for m in commit(self._work.context.store, drafts)}
        done = []
        for result in results:
            draft = result.draft
            if draft and stored[draft.key] is not draft:
                self._work.loads.remove(draft)
                self._work.loads.add(stored[draft.key])
                result = taken(result, stored[draft.key])
            done.append(result)
        return done

    def _register(self, results: list[Result]) -> None:
        context, loads = self._work.context, self._work.loads
        manifests = [r.manifest for r in results if r.manifest and not r.manifest.retracted]
        if manifests:
            # a view must not hide loads that other landers have committed meanwhile
            manifests += refresh(context.store, loads)
            names = {manifest.full_name for manifest in manifests}
            tables = [table for table in context.project if table.full_name in names]
            context.catalog.register(registrations(tables, loads), manifests)

    def _remembered(self, result: Result) -> Outcome:
        """The outcome, with the time since when it is refused."""
        outcome, now = result.outcome, self._work.context.clock()
        if outcome.outcome != "refused":
            return self._after_its_window(result, now)
        code, line, column = str(outcome.code), outcome.line, outcome.column
        since = self._refusals.remember(result.candidate, code, line, column, now, outcome.message)
        return replace(outcome, refused_at=since, is_new=since == now)

    def _after_its_window(self, result: Result, now: datetime) -> Outcome:
        """The outcome; where the window of changes before a new load's never came, it says so."""
        outcome, promise, context = result.outcome, result.candidate.promise, self._work.context
        if not (result.manifest and promise and promise.since):
            return outcome
        day = day_of(promise.since, context.project.business_time_zone)
        if not self._refusals.remember_gap(
            result.manifest, promise.since, day, self._work.loads, now
        ):
            return outcome
        said = f"no export has the changes up to {promise.since:%Y-%m-%dT%H:%M:%SZ}"
        return replace(outcome, message="; ".join(filter(None, (outcome.message, said))))


def registrations(tables: Iterable[Table], loads: Loads) -> list[Registration]:
    """The loads that each of these tables must show."""
    return [
        Registration(raw_table(table), tuple(loads.counted(table.full_name))) for table in tables
    ]


def register_all(context: Context, loads: Loads, added: list[Manifest] | None) -> None:
    """Register every table of every contract; `added` as in `Catalog.register`."""
    context.catalog.register(registrations(context.project, loads), added)


def _log(outcome: Outcome) -> None:
    facts = {name: getattr(outcome, name) for name in _LOGGED}
    logger.info("%s: %s", outcome.extract, outcome.outcome, extra=facts)

"""Steps 6 to 8 of the protocol, for a handful of loads at a time: commit, register, clear the inbox."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from ingestion.catalog import Registration, raw_table
from ingestion.contract import Table
from ingestion.land.context import Context, Outcome
from ingestion.land.extract import Result
from ingestion.loads import Loads, refresh
from ingestion.manifest import Manifest

logger = logging.getLogger(__name__)

_AT_ONCE = 100
"""So many partitions Glue takes in one call."""

_BYTES = 64 * 2**20
"""Large extracts are committed at once: what is lost with the power has to be landed again."""


class Pending:
    """Loads on their way. `outcomes` are those of everything that was added, in order and final after `flush`.

    Killed before the commit, they are landed again; killed after it, the next run finds them committed and goes on.
    """

    def __init__(self, context: Context, loads: Loads) -> None:
        self._context, self._loads = context, loads
        self._results: list[Result] = []
        self._bytes = 0
        self.outcomes: list[Outcome] = []

    def add(self, result: Result) -> None:
        """Take what became of an extract."""
        self._results.append(result)
        self._bytes += sum(found.size for found in result.read)
        if len(self._results) >= _AT_ONCE or self._bytes >= _BYTES:
            self.flush()

    def flush(self) -> None:
        """Commit, register and clear what has come together."""
        results, self._results, self._bytes = self._results, [], 0
        results = self._committed(results)
        manifests = [
            result.manifest
            for result in results
            if result.manifest and not result.manifest.retracted
        ]
        if manifests:
            # what other landers have committed meanwhile must not be hidden by a view that does not know it
            manifests += refresh(self._context.store, self._loads)
            names = {manifest.full_name for manifest in manifests}
            tables = [table for table in self._context.project if table.full_name in names]
            self._context.catalog.register(registrations(tables, self._loads), manifests)
        done = (
            result.read for result in results if result.outcome.outcome in ("landed", "nothing")
        )
        for found in chain.from_iterable(done):
            self._context.store.delete(found.key, found.etag)
        for result in results:
            _log(result.outcome)
            self.outcomes.append(result.outcome)

    def _committed(self, results: list[Result]) -> list[Result]:
        """Create the manifests; of a load that another lander has committed first, nothing is left to do."""
        new = [
            (n, result.manifest)
            for n, result in enumerate(results)
            if result.is_new and result.manifest
        ]
        store = self._context.store
        created = store.put_all_if_absent(
            [(manifest.key, manifest.to_bytes()) for _, manifest in new]
        )
        for (number, manifest), is_ours in zip(new, created, strict=True):
            if not is_ours:
                lost = results[number].outcome
                blank = Outcome(
                    lost.extract,
                    lost.source,
                    lost.table,
                    lost.extract_date,
                    lost.load_id,
                    "nothing",
                )
                told = replace(blank, message="another lander committed it first")
                theirs = Manifest.model_validate_json(
                    store.read(manifest.key) or manifest.to_bytes()
                )
                self._loads.replace(theirs)
                results[number] = replace(results[number], outcome=told, manifest=theirs)
        return results


def registrations(tables: Iterable[Table], loads: Loads) -> list[Registration]:
    """What each of these tables must show."""
    return [
        Registration(raw_table(table), tuple(loads.counted(table.full_name))) for table in tables
    ]


def register_all(context: Context, loads: Loads, added: list[Manifest] | None) -> None:
    """Register every table of every contract; `added` as in `Catalog.register`."""
    context.catalog.register(registrations(context.project, loads), added)


def _log(outcome: Outcome) -> None:
    logger.info(
        "%s: %s",
        outcome.extract,
        outcome.outcome,
        extra={
            "code": outcome.code,
            "load_id": outcome.load_id,
            "rows_in": outcome.rows_in,
            "landed": outcome.landed,
            "quarantined": outcome.quarantined,
            "duplicates": outcome.duplicates,
            "warnings": outcome.warnings,
        },
    )

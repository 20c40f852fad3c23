"""Steps 7 and 8 of the protocol, for a handful of loads at a time: register what is committed, then clear the inbox."""

from collections.abc import Iterable
from itertools import chain

from ingestion.catalog import Registration, raw_table
from ingestion.contract import Table
from ingestion.land.context import Context
from ingestion.loads import Loads, refresh
from ingestion.manifest import Manifest
from ingestion.store import StoredObject

_AT_ONCE = 100
"""So many partitions Glue takes in one call."""


class Pending:
    """Loads that are committed and not yet registered. Killed now, the next run finds them committed and goes on."""

    def __init__(self, context: Context, loads: Loads) -> None:
        self._context, self._loads = context, loads
        self._manifests: list[Manifest] = []
        self._left: list[tuple[StoredObject, ...]] = []

    def add(self, manifest: Manifest | None, left: tuple[StoredObject, ...]) -> None:
        """Take a load that is committed, or none when there is nothing to register, and what it leaves in the inbox."""
        if manifest and not manifest.retracted:
            self._manifests.append(manifest)
        self._left.append(left)
        if len(self._left) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Register and clear what has come together."""
        if self._manifests:
            # what other landers have committed meanwhile must not be hidden by a view that does not know it
            self._manifests += refresh(self._context.store, self._loads)
            names = {manifest.full_name for manifest in self._manifests}
            tables = [table for table in self._context.project if table.full_name in names]
            self._context.catalog.register(registrations(tables, self._loads), self._manifests)
        for found in chain.from_iterable(self._left):
            self._context.store.delete(found.key, found.etag)
        self._manifests, self._left = [], []


def registrations(tables: Iterable[Table], loads: Loads) -> list[Registration]:
    """What each of these tables must show."""
    return [
        Registration(raw_table(table), tuple(loads.counted(table.full_name))) for table in tables
    ]


def register_all(context: Context, loads: Loads, added: list[Manifest] | None) -> None:
    """Register every table of every contract; `added` as in `Catalog.register`."""
    context.catalog.register(registrations(context.project, loads), added)

"""Counts the rows that a full extract lacks and that are not deleted, because some of its rows are in quarantine.

A quarantined row whose key could be read keeps its last known state (`rows_kept`). If the key of any row could not be
read, the extract deletes nothing: `deletions_withheld` counts the other rows that it lacks.
"""

from pathlib import Path

import duckdb

from ingestion.contract import Table
from ingestion.formats import OPERATION, SOURCE_ROW
from ingestion.land.keys import key_in_sql
from ingestion.loads import Manifest, holding_state
from ingestion.sql import literal
from ingestion.store import Store, fetch_own


class KeyStates:
    """The keys in the state of a table, replayed from its newest full load without quarantined rows on."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, store: Store, folder: Path, table: Table
    ) -> None:
        self._connection, self._store, self._folder = connection, store, folder
        self._key = key_in_sql(table)

    def counts(
        self, before: list[Manifest], rows: Path, quarantine: Path, unreadable: int
    ) -> tuple[int, int]:
        """rows_kept and deletions_withheld of an extract with these files of rows and of quarantined rows.

        `before` are the loads before it, in order.
        """
        self._connection.execute("create or replace temp table state (row_key varchar)")
        for place in holding_state(before):
            self._apply(place.load)
        self._name_landed(rows)
        self._name_held(quarantine)
        kept = self._count("row_key in (select row_key from held)")
        withheld = self._count("row_key not in (select row_key from held)") if unreadable else 0
        return kept, withheld

    def counts_of(self, before: list[Manifest], draft: Manifest) -> tuple[int, int]:
        """The same counts for a draft that has quarantined rows, and whose files are in the lake."""
        rows = self._local(draft.data_key, draft.data_sha256)
        quarantine = self._local(str(draft.quarantine_key), draft.quarantine_sha256)
        return self.counts(before, rows, quarantine, draft.unreadable_keys)

    def _apply(self, load: Manifest) -> None:
        """Bring the table `state` from before this load to after it."""
        rows = self._local(load.data_key, load.data_sha256)
        if load.kind == "changes":
            self._name_landed(rows, f"arg_max({OPERATION}, {SOURCE_ROW})")
            self._connection.execute(
                "create or replace temp table state as select row_key from state "
                "where row_key not in (select row_key from landed) "
                "union all select row_key from landed where last <> 'D'"
            )
            return
        self._name_landed(rows)
        kept = "true" if load.unreadable_keys else "false"
        if load.quarantine_key and not load.unreadable_keys:
            self._name_held(self._local(load.quarantine_key, load.quarantine_sha256))
            kept = "row_key in (select row_key from held)"
        self._connection.execute(
            "create or replace temp table state as select row_key from landed union "
            f"select row_key from state where {kept}"
        )

    def _name_landed(self, rows: Path, last: str = "null") -> None:
        self._connection.execute(
            f"create or replace temp view landed as select {self._key} as row_key, {last} as last "
            f"from read_parquet({literal(str(rows))}) group by 1"
        )

    def _name_held(self, quarantine: Path) -> None:
        """The keys of quarantined rows, as far as they could be read."""
        self._connection.execute(
            "create or replace temp view held as select distinct row_key "
            f"from read_parquet({literal(str(quarantine))}) where row_key is not null"
        )

    def _count(self, condition: str) -> int:
        query = f"select count(*) from state where row_key not in (select row_key from landed) and {condition}"
        (count,) = self._connection.execute(query).fetchone() or (0,)
        return int(count)

    def _local(self, key: str, sha256: str | None) -> Path:
        """A local file with the object's bytes."""
        path = self._folder / f"before-{key.replace('/', '-')}"
        if not path.exists():
            fetch_own(self._store, key, path, sha256)
        return path

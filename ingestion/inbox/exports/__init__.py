"""Exports: extracts that are sets of files with a record, which says when the set is complete and what is in it.

A kind of set is known by a word in the delivery's path. To add one: a subclass of `Kind` in a module of its
own, its word in `ingestion/contract/paths.py`, and a line in `KINDS`. Everything else (waiting, order, checks of
rows and MD5, archive of the records, clearing the inbox, `discard`) is the same for all.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from ingestion.codes import Code
from ingestion.contract import PathPattern, Table
from ingestion.errors import BadExtract
from ingestion.inbox.exports.appflow import FlowExecutions
from ingestion.inbox.exports.base import Companions, Inbox, Kind, Promise, archived
from ingestion.inbox.exports.dynamodb import DynamoExports
from ingestion.inbox.exports.extracts import ExtractRecords
from ingestion.inbox.exports.snapshots import SnapshotExports
from ingestion.store import INBOX, Store, StoredObject

__all__ = ["Kind", "Promise", "Sets", "archived", "promised_without_contract"]

KINDS: dict[str, Callable[[Inbox, Iterable[PathPattern]], Kind]] = {
    "export": SnapshotExports,
    "export_id": DynamoExports,
    "execution": FlowExecutions,
}
"""The kinds of sets, by the word of the path pattern that matches the set's name."""


class Sets:
    """All sets of an inbox at one moment, whose objects are given by their names below it."""

    def __init__(
        self, store: Store, objects: Mapping[str, StoredObject], tables: Iterable[Table]
    ) -> None:
        inbox = Inbox(store, objects)
        paths = [delivery.path for table in tables for delivery in table.deliveries]
        self._kinds = {
            word: kind(inbox, [path for path in paths if word in path.words])
            for word, kind in KINDS.items()
        }
        self._extracts = ExtractRecords(inbox, paths)
        self._all: list[Companions] = [self._extracts, *self._kinds.values()]

    def is_companion(self, name: str) -> bool:
        """Whether the object of this name carries no rows but belongs to a set."""
        return any(one.is_companion(name) for one in self._all)

    def belongs(self, companion: str, folder: str) -> bool:
        """Whether a companion belongs to the set of this folder."""
        return any(one.belongs(companion, folder) for one in self._all)

    def waits_as(self, name: str) -> str | None:
        """The set under whose name an unclaimed object waits."""
        return next((name_ for k in self._kinds.values() if (name_ := k.waits_as(name))), None)

    def part_of(self, marker: str) -> str | None:
        """The name of a part of the extract that the marker of this name belongs to; None for any other object."""
        return next((part for k in self._kinds.values() if (part := k.part_of(marker))), None)

    def of_extract(self, name: str, moment: datetime) -> Promise | None:
        """The promise of the sidecar of an extract of `extract`; BadExtract when it cannot be understood."""
        return self._extracts.promise(name, moment)

    def of_record(self, name: str) -> tuple[Kind, re.Match[str]] | None:
        """The kind and the match of a set's record that needs no contract to be one; None for any other object."""
        for kind in self._kinds.values():
            if kind.record and (found := kind.record.fullmatch(name)):
                return kind, found
        return None

    def kind_of(self, found: re.Match[str]) -> Kind | None:
        """The kind of the set that the path of this match claims objects of; None for a path of single extracts."""
        words = found.groupdict()
        return next((kind for word, kind in self._kinds.items() if word in words), None)


def promised_without_contract(store: Store, name: str) -> Promise | None:
    """The promise of the set whose record has this name below the inbox; None where it needs a contract to be one.

    BadExtract when the record cannot be understood, or is not in the inbox.
    """
    listed = store.list(f"{INBOX}{name.split('/')[0]}/")
    objects = {found.key.removeprefix(INBOX): found for found in listed}
    found = Sets(store, objects, ()).of_record(name)
    if found is None:
        return None
    if name not in objects:
        raise BadExtract(Code.INCOMPLETE_EXPORT, detail="it is not in the inbox")
    kind, record = found
    return kind.promise(record)

"""Deliberate bugs in the protocol: the suite must find each of them, or it holds nothing."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ingestion.catalog import duck_file
from ingestion.land import commit, extract, rebase
from ingestion.land.clear import Clearing
from ingestion.loads import Manifest
from ingestion.pipeline import side_file
from ingestion.store import LocalStore, Store


def commit_before_upload() -> None:
    """The manifest is there before the rows are."""
    store_files = extract.store_files

    def early(context: Any, draft: Any, manifest: Manifest) -> None:
        context.store.put_all_if_absent([(manifest.key, manifest.to_bytes())])
        store_files(context, draft, manifest)

    extract.store_files = early


def clear_before_commit() -> None:
    """The inbox is cleared before the manifests are there."""
    committed = commit.Pending._committed

    def late(self: Any, results: Any) -> Any:
        for result in results:
            for found in result.read if result.outcome.outcome == "landed" else ():
                self._work.context.store.delete(found.key, found.etag)
        return committed(self, results)

    commit.Pending._committed = late  # type: ignore[method-assign]


def log_removed_after_replace() -> None:
    """DuckDB's log of the old file is beside the new one for a moment."""

    def take_place(built: Path, database: Path) -> None:
        os.replace(built, database)
        duck_file.log_of(database).unlink(missing_ok=True)

    duck_file.take_place = side_file.take_place = take_place


def first_file_in_place() -> None:
    """The first warehouse file is made under its own name."""
    there = duck_file.is_there
    change = duck_file.DuckFile._change_aside

    def in_place(self: Any, work: Any) -> None:
        if there(self.path):
            change(self, work)
            return
        with duck_file.opened(self.path) as connection:
            self._work(connection, work)

    duck_file.DuckFile._change_aside = in_place  # type: ignore[method-assign]


def publish_without_catching_up() -> None:
    """What was landed while a run built is not registered again."""
    publish = side_file.SideFile.publish
    side_file.SideFile.publish = lambda self, _, *made: publish(self, lambda: None, *made)  # type: ignore[method-assign]


def written_in_place() -> None:
    """Small objects are not written aside."""

    def put_all(self: Any, items: Sequence[tuple[str, bytes]]) -> tuple[bool, ...]:
        for key, data in items:
            path = Path(self.uri(key))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return tuple(True for _ in items)

    LocalStore.put_all_if_absent = put_all  # type: ignore[method-assign]


def companions_last() -> None:
    """The records of sets leave the inbox after the files that they speak of."""
    clear = Clearing.clear

    def late(self: Any, done: Any) -> None:
        archive, kept = self._archive_companions, []
        self._archive_companions = lambda folders: kept.extend(folders)
        clear(self, done)
        archive(kept)

    Clearing.clear = late  # type: ignore[method-assign]


def _trusting(store: Store, drafts: Sequence[Manifest]) -> list[Manifest]:
    store.put_all_if_absent([(draft.key, draft.to_bytes()) for draft in drafts])
    return list(drafts)


def answers_believed() -> None:
    """Manifests are not read again after their commit."""
    commit.commit = _trusting


def no_rebase() -> None:
    """Drafts are not judged again on what others have committed."""
    commit.rebased = lambda work, results: results
    rebase.rebased = commit.rebased


BUGS: dict[str, Callable[[], None]] = {
    bug.__name__: bug
    for bug in (
        commit_before_upload,
        clear_before_commit,
        log_removed_after_replace,
        first_file_in_place,
        publish_without_catching_up,
        written_in_place,
        companions_last,
        answers_believed,
        no_rebase,
    )
}

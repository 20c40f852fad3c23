"""Publishing on DuckDB: a run builds beside the published file and replaces it when all tests have passed.

A reader with the published file open keeps that file: it is neither blocked nor shown half a build. The side file has
the published file's own name, in a folder of its own, because DuckDB's views carry the name of the database, which is
that of its file.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb

from ingestion.access import AudienceFile, differences
from ingestion.catalog import copy_database, locked, opened, take_place
from ingestion.errors import LandingFailed
from ingestion.pipeline.state import State
from ingestion.store import answering, lock_within, sync

SIDE_FOLDER = ".building"
_BUILT_FROM = "raw_landfall.built_from"
_READERS = 0o640, 0o750
"""The modes of a page and of their folder: for the owner, and the readers' group."""

_PATIENCE = 5.0
"""Seconds that a build waits for another: the process of a killed build may take a moment to end."""

_FORGOTTEN = "raw_landfall.built_without"
_RECORD = (
    f"create schema if not exists raw_landfall; create table if not exists {_BUILT_FROM} "
    "(part varchar, state varchar)"
)


class SideFile:
    """The file `<folder>/.building/<name>` that becomes `<folder>/<name>` at `publish`.

    `pages` is the folder beside it where pages for people are written, `report` the one where they are published:
    `<folder>/report`, or with the warehouse's name in front where that is not `warehouse`.
    """

    def __init__(self, published: Path) -> None:
        self.published = published
        self.path = published.parent / SIDE_FOLDER / published.name
        stem = "" if published.stem == "warehouse" else f"{published.stem}_"
        self.report = published.with_name(f"{stem}report")
        self.pages = self.path.with_name(self.report.name)
        self._plan = self.path.with_name(f"{published.stem}.publishing.json")
        self._beside = self.path.with_name(f"{published.stem}.beside.json")
        self._kept = ExitStack()

    @contextmanager
    def begun(self, without: Sequence[str] = ()) -> Iterator[None]:
        """Hold the side file, a copy of the published file or a new one; the side file of a failed run is dropped.

        `without` are the forgotten persons. A published file that was built before one of them was forgotten is not
        copied: deleted rows would leave their bytes in its free blocks. Raises LandingFailed when another process of
        this machine builds here, even one that has lost its lease.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            if not lock_within(folder, _PATIENCE):
                raise LandingFailed("another run still builds beside this warehouse: try again")
            with answering("copy the warehouse"), locked(self.published):
                self._finish()
                shutil.rmtree(self.pages, ignore_errors=True)
                is_without = not without or set(without) <= built_without(self.published)
                copy_database(self.published if is_without else None, self.path)
            yield
        finally:
            self.let_go()
            os.close(folder)  # which gives the lock back

    def keep_open(self) -> None:
        """Keep the file open until `let_go`: short connections to it cost nothing then, and else some 50 ms each.

        Raises LandingFailed when it cannot be opened.
        """
        self._kept.enter_context(opened(self.path))

    def let_go(self) -> None:
        """Close the file for whoever opens it with other settings, as dbt does, or moves it."""
        self._kept.close()

    def built_from(self) -> dict[str, str]:
        """The state (state.py) that what is published was built from; empty where that was never recorded."""
        with opened(self.path) as connection:
            connection.execute(_RECORD)
            return dict(connection.execute(f"from {_BUILT_FROM}").fetchall())

    def mark(self, state: State, without: Sequence[str] = ()) -> None:
        """Record in the side file its state and the persons it was built without."""
        with opened(self.path) as connection:
            connection.execute(f"drop table if exists {_BUILT_FROM}")
            connection.execute(_RECORD)
            for part in state.items():
                connection.execute(f"insert into {_BUILT_FROM} values (?, ?)", part)
            connection.execute(f"create or replace table {_FORGOTTEN} (person varchar)")
            for person in without:
                connection.execute(f"insert into {_FORGOTTEN} values (?)", [person])

    def publish(
        self,
        catch_up: Callable[[], None] = lambda: None,
        beside: Sequence[AudienceFile] | None = None,
        pages: Sequence[Path] = (),
    ) -> None:
        """Replace the published file by the built one, in one step, with all of it on disk.

        `catch_up` registers in the built file what landers have registered in the published one meanwhile; they wait.
        `beside` are the files of the roles that were written beside it: they are published with it, all or none, and
        those of an earlier publication that are not among them are removed; None leaves them as they are. `pages` are
        the pages for people in `self.pages`: they replace those in `self.report`. After a kill the next run finishes
        the publication before anything else. Raises LandingFailed when another process still writes to the built file.
        """
        with answering("publish the warehouse"), locked(self.published):
            catch_up()
            with opened(self.path) as connection:
                connection.execute("checkpoint")
            self.let_go()
            if beside is None:
                take_place(self.path, self.published)
            else:
                _finished(pages)
                _put(self._plan, beside, [page.name for page in pages])
                self._finish()

    def publish_pages(self, pages: Sequence[Path]) -> None:
        """Replace only the published pages."""
        with answering("publish the pages"), locked(self.published):
            _finished(pages)
            self._take_in([page.name for page in pages])

    def audiences_differ(self) -> bool:
        """Whether a published file of a role has changed since its publication: its tables, its columns, its mode."""
        return bool(differences(_read(self._beside, self.published.parent)[0]))

    def _finish(self) -> None:
        """Finish a publication that was begun: the side folder has every file of it, complete."""
        if not self._plan.exists():
            return
        folder = self.published.parent
        wanted, pages = _read(self._plan, folder)
        before, _ = _read(self._beside, folder)
        gone = {file.path for file in before} - {file.path for file in wanted}
        for file in wanted:
            if self.path.with_name(file.path.name).exists():
                os.replace(self.path.with_name(file.path.name), file.path)
        if self.path.exists():
            take_place(self.path, self.published)
        self._take_in(pages)
        for path in gone:
            path.unlink(missing_ok=True)
        os.replace(self._plan, self._beside)

    def _take_in(self, names: Sequence[str]) -> None:
        """Move these pages to the published ones, each in one step, and remove published pages that no longer exist."""
        if not names:
            return
        self.report.mkdir(exist_ok=True)
        self.report.chmod(_READERS[1])
        for name in names:
            if (self.pages / name).exists():
                os.replace(self.pages / name, self.report / name)
        for page in self.report.glob("*.html"):
            if page.name not in names:
                page.unlink()


def built_without(warehouse: Path) -> set[str]:
    """The persons without whom a file was built, as recorded by `mark`; empty without a record."""
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            return {
                str(person) for (person,) in connection.execute(f"from {_FORGOTTEN}").fetchall()
            }
    except duckdb.Error:
        return set()


def _finished(pages: Sequence[Path]) -> None:
    """Pages as they are published: on disk, for their readers."""
    for page in pages:
        page.chmod(_READERS[0])
        sync(page)


def _put(record: Path, files: Sequence[AudienceFile], pages: Sequence[str]) -> None:
    """Record the files of the roles and the names of the pages, in one step."""
    roles = [[file.role, file.path.name, file.mode, file.holds] for file in files]
    told = {"roles": roles, "pages": list(pages)}
    aside = record.with_suffix(".part")
    aside.write_text(json.dumps(told))
    sync(aside)
    os.replace(aside, record)


def _read(record: Path, folder: Path) -> tuple[list[AudienceFile], list[str]]:
    """The recorded files of the roles, in `folder`, and the names of the pages; both empty without a record."""
    if not record.exists():
        return [], []
    told = json.loads(record.read_text())
    files = [
        AudienceFile(role, folder / name, mode, holds) for role, name, mode, holds in told["roles"]
    ]
    return files, told["pages"]

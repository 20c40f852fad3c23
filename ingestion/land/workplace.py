"""The frame of a command that makes loads: its folder and process, the key, the tables published afterwards."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ingestion.contract import Table
from ingestion.errors import BadSettings
from ingestion.inbox import Refusals
from ingestion.land.commit import register_all
from ingestion.land.context import Context
from ingestion.land.extract import Work
from ingestion.land.worker import Worker
from ingestion.loads import Loads
from ingestion.pseudonyms import refuse_other_key
from ingestion.published import publish_derived


def make_visible(context: Context, loads: Loads, refusals: Refusals, again: bool = False) -> None:
    """Publish the tables about loads (`again`: write existing ones too), and make sure that every table exists.

    Loads that other landers committed meanwhile are registered here too: our view of a table may have hidden them.
    """
    late = publish_derived(
        context.store, context.catalog, loads, refusals, context.clock(), again=again
    )
    register_all(context, loads, late)


@contextmanager
def workplace(
    context: Context, loads: Loads, *, dry_run: bool = False, **words: Any
) -> Iterator[Work]:
    """A `Work` with these words, a folder for temporary files (of a dry run: not in the lake) and the process that
    converts."""
    with TemporaryDirectory() if dry_run else context.store.scratch() as place:
        folder = Path(place)
        with Worker(folder, context.pseudonyms) as worker:
            yield Work(context, loads, folder, worker, dry_run=dry_run, **words)


def check_key(context: Context, tables: Iterable[Table], dry_run: bool) -> None:
    """Raise BadSettings if a table has pseudonyms and the lake's key is missing: then nothing is landed."""
    wanted = [table for table in tables if table.has_pseudonyms]
    if not wanted:
        return
    if context.pseudonyms is None:
        name = wanted[0].full_name
        raise BadSettings(f"{name} has pseudonyms: set LANDFALL_KEY or LANDFALL_KEY_SECRET")
    refuse_other_key(context.store, context.pseudonyms, remember=not dry_run)

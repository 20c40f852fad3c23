"""The pages for people: a run writes them when all tests have passed, and publishes them with the warehouse.

On DuckDB they lie in `report/` beside the published file, on the other engines in `report/` of the lake.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.settings import Settings
from ingestion.store import Store

if TYPE_CHECKING:
    from ingestion.pipeline.dbt import Dbt

FIRST = "index.html"
DOCUMENTATION = "documentation.html"
"""dbt's own page of every model and column, to which the pages link."""


def make_pages(
    dbt: "Dbt", settings: Settings, docs: Path, folder: Path, earlier: Path | None = None
) -> list[Path]:
    """Write the pages into `folder`, with the documentation beside them; none if the project defines none.

    `earlier` is a folder with pages of the same project: a page that would be the same is copied from it.
    """
    # slow to load, and a run that builds nothing does not need it
    from ingestion.pages import write_pages

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pages = write_pages(settings.project_dir, dbt.described(), dbt.answers, folder, earlier)
    if pages:
        pages.append(folder / DOCUMENTATION)
        shutil.copyfile(docs, pages[-1])
    return pages


def store_pages(store: Store, pages: Sequence[Path], into: str | None) -> str | None:
    """Put the pages into the lake, the entry page last; returns its address."""
    folder = f"{into}_report" if into else "report"
    for page in sorted(pages, key=lambda page: page.name == FIRST):
        store.put(f"{folder}/{page.name}", page.read_bytes())
    return store.uri(f"{folder}/{FIRST}") if pages else None

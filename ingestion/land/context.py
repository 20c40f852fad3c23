"""What landing works with, and what it says about each extract."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Literal

from ingestion.catalog import Catalog, DuckCatalog, DuckFile
from ingestion.contract import Project, read_project
from ingestion.errors import BadSettings
from ingestion.pseudonyms import Pseudonymiser, read_key
from ingestion.settings import Settings
from ingestion.store import Store, open_store


def utc_now() -> datetime:
    """The time now, UTC without zone, in milliseconds."""
    now = datetime.now(UTC).replace(tzinfo=None)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True)
class Context:
    """A project with its lake and catalogue, and the clock by which things are dated (UTC without zone)."""

    settings: Settings
    project: Project
    store: Store
    catalog: Catalog
    clock: Callable[[], datetime] = utc_now

    @cached_property
    def pseudonyms(self) -> Pseudonymiser | None:
        """What makes pseudonyms, from the settings' key or secret; None when they name neither."""
        return read_key(self.settings.key, self.settings.key_secret)


def open_context(settings: Settings) -> Context:
    """The context of a process. BadSettings when a contract is wrong, or the target cannot read such a lake."""
    store = open_store(settings.lake, settings.kms_key)
    if settings.target == "duckdb":
        catalog: Catalog = DuckCatalog(
            DuckFile(settings.warehouse, settings.lake.startswith("s3:")), store
        )
    elif settings.lake.startswith("s3://"):
        from ingestion.catalog.glue import GlueCatalog  # boto3 takes its time to load

        catalog = GlueCatalog(store)
    else:
        raise BadSettings(
            f"LANDFALL_TARGET {settings.target} reads a lake on S3: set LANDFALL_LAKE to s3://…"
        )
    return Context(settings, read_project(settings.project_dir), store, catalog)


@dataclass(frozen=True)
class Outcome:
    """What became of one extract: the fields of `land --format json`, and a sentence for people in `message`.

    `code`, `line` and `column` say why it was refused or is waited for; counts are rows. `extract` is its name below
    the inbox.
    """

    extract: str
    source: str
    table: str | None
    extract_date: date | None
    load_id: str | None
    outcome: Literal["landed", "nothing", "refused", "waiting"]
    code: str | None = None
    line: int | None = None
    column: str | None = None
    rows_in: int = 0
    landed: int = 0
    quarantined: int = 0
    duplicates: int = 0
    warnings: dict[str, int] = field(default_factory=dict)
    message: str = ""

    @property
    def counts_as_refused(self) -> bool:
        """Whether it makes the command end with the exit code of a refused extract."""
        return self.outcome == "refused"


Progress = Callable[[str], None]
"""Is told the name of each extract when its turn comes."""

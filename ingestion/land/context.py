"""The context of every command: the settings, the contracts, the lake and the catalogue of one process."""

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from ingestion.aws import caller, is_on_s3
from ingestion.catalog import Catalog, DuckCatalog, DuckFile
from ingestion.contract import Project, read_project
from ingestion.errors import BadSettings, LandfallError
from ingestion.moments import day_of, in_millis
from ingestion.pseudonyms import Pseudonymiser, read_key
from ingestion.settings import Settings
from ingestion.store import Store, open_store


def utc_now() -> datetime:
    """The time now, UTC without zone, in milliseconds."""
    return in_millis(datetime.now(UTC).replace(tzinfo=None))


@dataclass(frozen=True)
class Context:
    """A project with its lake and catalogue, and the clock (UTC without zone)."""

    settings: Settings
    project: Project
    store: Store
    catalog: Catalog
    clock: Callable[[], datetime] = utc_now

    @property
    def today(self) -> date:
        """The day of the business by the clock."""
        return day_of(self.clock(), self.project.business_time_zone)

    @cached_property
    def pseudonyms(self) -> Pseudonymiser | None:
        """The pseudonymiser, from the settings' key or secret; None when they name neither."""
        return read_key(self.settings.key, self.settings.key_secret)

    @property
    def acting(self) -> str:
        """Who acts: the IAM identity (ARN) that reaches a lake on S3; else, or if STS fails, this machine's user."""
        if is_on_s3(self.store.root):
            try:
                return caller()
            except LandfallError:
                pass
        try:
            return getpass.getuser()
        except (KeyError, OSError):  # a container's user may have no name
            return f"uid {os.getuid()}"


def open_context(settings: Settings, *, is_aside: bool = False) -> Context:
    """The context of a process; `is_aside`: which builds the DuckDB file aside.

    BadSettings when a contract is wrong, or the target cannot read such a lake.
    """
    store = open_store(settings.lake, settings.kms_key)
    if settings.target == "duckdb":
        catalog: Catalog = DuckCatalog(
            DuckFile(settings.warehouse, is_on_s3(settings.lake), is_aside=is_aside), store
        )
    elif is_on_s3(settings.lake):
        from ingestion.catalog.glue import GlueCatalog  # boto3 is slow to load

        catalog = GlueCatalog(store)
    else:
        raise BadSettings(
            f"LANDFALL_TARGET {settings.target} reads a lake on S3: set LANDFALL_LAKE to s3://…"
        )
    return Context(settings, read_project(settings.project_dir), store, catalog)

"""The settings of a process, read once from the environment. docs/guides/settings.md lists them for people."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingestion.errors import BadSettings
from ingestion.s3_access import S3Access

TARGETS = ("duckdb", "athena", "redshift")
LOG_FORMATS = ("text", "json")
DATABASE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
RESERVED = ("main", "temp", "system")
"""Names that DuckDB keeps for itself."""


@dataclass(frozen=True)
class Settings:
    """What every command needs to know. `lake` is a directory or `s3://bucket/prefix`; keys never show in its repr."""

    project_dir: Path
    lake: str
    warehouse: Path
    target: str
    log_format: str
    key: str | None = field(default=None, repr=False)
    key_secret: str | None = None
    kms_key: str | None = None

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] = os.environ, cwd: Path | None = None
    ) -> "Settings":
        """Read `LANDFALL_*`; an empty variable counts as absent. BadSettings for a value that cannot be.

        The project is the folder that holds dbt_project.yml: LANDFALL_PROJECT, or the current one.
        """

        def given(name: str, default: str) -> str:
            """A variable's value, or the default where it is absent or empty."""
            return environ.get(name) or default

        project = Path(given("LANDFALL_PROJECT", str(cwd or Path.cwd()))).resolve()
        if not (project / "dbt_project.yml").is_file():
            raise BadSettings(
                "no dbt_project.yml here: go to the project's folder, or set LANDFALL_PROJECT to it"
            )
        lake = given("LANDFALL_LAKE", "lake")
        if not lake.startswith("s3://"):
            lake = str((project / lake).resolve())
        elif not lake.removeprefix("s3://").split("/")[0]:
            raise BadSettings("LANDFALL_LAKE: no bucket in it, write s3://bucket/prefix")
        return cls(
            project_dir=project,
            lake=lake.rstrip("/"),
            warehouse=_duckdb_file(project / given("LANDFALL_WAREHOUSE", "warehouse.duckdb")),
            target=_one_of("LANDFALL_TARGET", given("LANDFALL_TARGET", "duckdb"), TARGETS),
            log_format=_one_of("LANDFALL_LOG", given("LANDFALL_LOG", "text"), LOG_FORMATS),
            key=environ.get("LANDFALL_KEY") or None,
            key_secret=environ.get("LANDFALL_KEY_SECRET") or None,
            kms_key=environ.get("LANDFALL_KMS_KEY") or None,
        )

    @contextmanager
    def environment(self) -> Iterator[None]:
        """These settings in the process environment, where dbt's profile reads them."""
        given = {
            "LANDFALL_LAKE": self.lake,
            "LANDFALL_WAREHOUSE": str(self.warehouse),
            "LANDFALL_TARGET": self.target,
        }
        if self.target == "duckdb" and self.lake.startswith("s3://"):
            given |= S3Access.as_boto3_finds_it().environment()
        before = {name: os.environ.get(name) for name in given}
        os.environ.update(given)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})

    def with_warehouse(self, warehouse: Path) -> "Settings":
        """The same settings over another DuckDB file."""
        return replace(self, warehouse=warehouse)


def _duckdb_file(path: Path) -> Path:
    """The file, if DuckDB can call a database by its name: views carry it, unquoted."""
    if not DATABASE_NAME.fullmatch(path.stem) or path.stem.lower() in RESERVED:
        raise BadSettings(
            f"LANDFALL_WAREHOUSE: '{path.name}' names a database, so only letters, digits and _"
            f" before the ending, and none of {', '.join(RESERVED)}"
        )
    return path.resolve()


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise BadSettings(f"{name}: '{value}' is not known, use one of {', '.join(known)}")
    return value

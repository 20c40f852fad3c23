"""The settings of a process, read once from the environment. docs/guides/settings.md lists them for people."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingestion.aws import S3_SCHEME, S3Access, is_on_s3
from ingestion.errors import BadSettings
from ingestion.machine import memory_for_a_build

FOR_DBT = re.compile(
    r"LANDFALL_(LAKE|WAREHOUSE|TARGET|THREADS|MEMORY|(S3|ATHENA|REDSHIFT)_\w+)", re.ASCII
)
"""The settings that dbt may see. A model can write any other into a table: the key, the addresses of databases."""

TARGETS = ("duckdb", "athena", "redshift")
LOG_FORMATS = ("text", "json")
METRICS = ("none", "emf")
DATABASE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
RESERVED = ("main", "temp", "system")
"""Names that DuckDB reserves."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/+")
"""The beginning of an address, which a directory's path is not."""

MEMORY = re.compile(r"[0-9]+(\.[0-9]+)? ?[KMGT]i?B", re.ASCII)
"""An amount of memory as DuckDB reads it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of every command. `lake` is a directory or `s3://bucket/prefix`; keys never show in its repr.

    `work` is the folder for dbt's files; None is the project's own `target`. `memory` is DuckDB's memory for a build;
    None is a share of the machine's.
    """

    project_dir: Path
    lake: str
    warehouse: Path
    target: str
    log_format: str
    key: str | None = field(default=None, repr=False)
    key_secret: str | None = None
    kms_key: str | None = None
    work: Path | None = None
    metrics: str = "none"
    memory: str | None = None

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] = os.environ, cwd: Path | None = None
    ) -> "Settings":
        """Read `LANDFALL_*`; an empty variable counts as absent. BadSettings for an invalid value.

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
        if not is_on_s3(lake):
            if scheme := _SCHEME.match(lake):
                raise BadSettings(
                    f"LANDFALL_LAKE: '{scheme[0]}' is not known, write a directory or s3://bucket/prefix"
                )
            lake = str((project / lake).resolve())
        elif not lake.removeprefix(S3_SCHEME).split("/")[0]:
            raise BadSettings("LANDFALL_LAKE: no bucket in it, write s3://bucket/prefix")
        return cls(
            project_dir=project,
            lake=lake.rstrip("/"),
            warehouse=_duckdb_file(project / given("LANDFALL_WAREHOUSE", "warehouse.duckdb")),
            target=_one_of("LANDFALL_TARGET", given("LANDFALL_TARGET", "duckdb"), TARGETS),
            log_format=_one_of("LANDFALL_LOG", given("LANDFALL_LOG", "text"), LOG_FORMATS),
            metrics=_one_of("LANDFALL_METRICS", given("LANDFALL_METRICS", "none"), METRICS),
            key=environ.get("LANDFALL_KEY") or None,
            key_secret=environ.get("LANDFALL_KEY_SECRET") or None,
            kms_key=environ.get("LANDFALL_KMS_KEY") or None,
            work=(project / work).resolve() if (work := given("LANDFALL_WORK", "")) else None,
            memory=_memory(environ.get("LANDFALL_MEMORY") or None),
        )

    @contextmanager
    def environment(self) -> Iterator[None]:
        """These settings in the process environment, where dbt's profile reads them."""
        given = {
            "LANDFALL_LAKE": self.lake,
            "LANDFALL_WAREHOUSE": str(self.warehouse),
            "LANDFALL_TARGET": self.target,
            "LANDFALL_MEMORY": self.memory or memory_for_a_build(),
        }
        if self.target == "duckdb" and is_on_s3(self.lake):
            given |= S3Access.as_boto3_finds_it().environment()
        before = {name: os.environ.get(name) for name in given}
        os.environ.update(given)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})

    @staticmethod
    @contextmanager
    def hidden_from_dbt() -> Iterator[None]:
        """The process environment without our settings that dbt does not need (FOR_DBT)."""
        hidden = {
            name: value
            for name, value in os.environ.items()
            if name.startswith("LANDFALL_") and not FOR_DBT.fullmatch(name)
        }
        for name in hidden:
            del os.environ[name]
        try:
            yield
        finally:
            os.environ.update(hidden)

    def with_warehouse(self, warehouse: Path) -> "Settings":
        """The same settings with another DuckDB file."""
        return replace(self, warehouse=warehouse)


def _duckdb_file(path: Path) -> Path:
    """The file, if its name can be a database's: views carry it, unquoted."""
    if not DATABASE_NAME.fullmatch(path.stem) or path.stem.lower() in RESERVED:
        raise BadSettings(
            f"LANDFALL_WAREHOUSE: '{path.name}' names a database, so only letters, digits and _"
            f" before the ending, and none of {', '.join(RESERVED)}"
        )
    return path.resolve()


def _memory(value: str | None) -> str | None:
    if value is not None and not MEMORY.fullmatch(value):
        raise BadSettings(
            f"LANDFALL_MEMORY: '{value}' is not an amount of memory, write 2GiB or 800MB"
        )
    return value


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise BadSettings(f"{name}: '{value}' is not known, use one of {', '.join(known)}")
    return value

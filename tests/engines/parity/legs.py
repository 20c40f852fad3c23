"""One engine each: the product run on it as a user runs it, and the cells that it built."""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from redshift_connector.cursor import Cursor

from ingestion.catalog.duck_file import allow_s3
from tests.engines.parity.cells import Relation, family
from tools.athena.engine import Athena, QueryFailed
from tools.project import KEY, ROOT
from tools.quick.programs import run
from tools.redshift.engine import Redshift

MARKS = [pytest.mark.slow, pytest.mark.warehouse]
AREAS = ("marts", "restricted")
RUN_SECONDS = 1500
REFUSED = 3
"""The exit code of a run that did everything, though an extract was refused: one is, on purpose."""

READERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "integer": int,
    "decimal": Decimal,
    "date": date.fromisoformat,
}
"""The value of a cell that is written as text, by the family of its type."""

Read = Callable[[Iterable[str]], dict[str, Relation]]


@dataclass
class Leg:
    """An engine with a copy of the project of its own. `read` gives the cells of relations by `schema.name`."""

    name: str
    project: Path
    environment: dict[str, str]
    read: Read

    def ingestion(self, *words: str) -> str:
        """`python -m ingestion …`; what it said."""
        return self._python("ingestion", *words)

    def dbt(self, *words: str) -> str:
        """`dbt …` over the project as runs have parsed it; what it said."""
        places = ("--project-dir", str(self.project), "--profiles-dir", str(self.project))
        # with the words of a run, or dbt would parse everything again
        target = ("--target", self.environment["LANDFALL_TARGET"])
        more = (*target, "--target-path", str(self.project / "target/run"), "--no-use-colors")
        return self._python("dbt.cli.main", *words, *places, *more)

    def manifest(self) -> dict[str, Any]:
        """The project as the last run parsed it."""
        return manifest_of(self.project)

    def _python(self, *words: str) -> str:
        done = run(words, cwd=self.project, env=self.environment, seconds=RUN_SECONDS)
        assert done.returncode in (0, REFUSED), f"{self.name}: {done.stdout}{done.stderr}"
        return done.stdout


def environment(folder: Path, aws: dict[str, str], **more: str) -> dict[str, str]:
    """The environment of a leg: the lake's settings, and nothing of this machine's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LANDFALL", "DBT", "AWS"))}
    key = {} if "LANDFALL_KEY_SECRET" in aws else {"LANDFALL_KEY": KEY}
    own = key | {
        "LANDFALL_PROJECT": str(folder),
        "LANDFALL_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "PYTHONPATH": str(ROOT),
        "DO_NOT_TRACK": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return kept | aws | own | more


@contextmanager
def reachable(environment: dict[str, str]) -> Iterator[None]:
    """This process has the environment of a leg."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield


def relations(manifest: dict[str, Any]) -> list[str]:
    """Every mart, restricted table and history, as `schema.name`, and the record of what was taken."""
    found = [
        f"{node['schema']}.{node['alias']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "snapshot"
        or (node["resource_type"] == "model" and node["path"].split("/")[0] in AREAS)
    ]
    return sorted([*found, "snapshots.taken_loads"])


def duckdb_reader(leg_environment: dict[str, str]) -> Read:
    """Reads from the published file, and through its views from the lake."""

    def read(names: Iterable[str]) -> dict[str, Relation]:
        with published(leg_environment) as connection:
            return {name: _of_duckdb(connection, name) for name in names}

    return read


@contextmanager
def published(leg_environment: dict[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, opened so that its views reach the lake."""
    path = leg_environment["LANDFALL_WAREHOUSE"]
    with reachable(leg_environment), duckdb.connect(path, read_only=True) as connection:
        allow_s3(connection)
        yield connection


def _of_duckdb(connection: duckdb.DuckDBPyConnection, name: str) -> Relation:
    asked = connection.sql(f"select * from {name}")
    types = [str(kind) for kind in asked.types]
    columns = [(n, k, scale_of(k)) for n, k in zip(asked.columns, types, strict=True)]
    return Relation.of(columns, asked.fetchall())


def scale_of(kind: str) -> int | None:
    """The scale of a type such as DECIMAL(18,2)."""
    found = re.fullmatch(r"\w+\(\d+, ?(\d+)\)", kind)
    return int(found[1]) if found else None


def athena_reader(engine: Athena) -> Read:
    """Reads through Athena's API, types included: some at a time, as most of a small query is waiting."""

    def read(names: Iterable[str]) -> dict[str, Relation]:
        asked = list(names)
        with ThreadPoolExecutor(4) as pool:
            return dict(zip(asked, pool.map(partial(_of_athena, engine), asked), strict=True))

    return read


def _of_athena(engine: Athena, name: str) -> Relation:
    return Relation.of(*_asked_athena(engine, f"select * from {name}"))


def _asked_athena(
    engine: Athena, sql: str
) -> tuple[list[tuple[str, str, int | None]], list[list[str | None]]]:
    """A query's columns as (name, type, scale), and its rows as Athena writes the cells."""
    query = engine.start(sql)
    ended = engine.wait(query, 120)
    if ended["Status"]["State"] != "SUCCEEDED":
        raise QueryFailed(f"{sql}: {ended['Status'].get('StateChangeReason', '')}")
    pages = list(engine.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query))
    info = pages[0]["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    columns = [(column["Name"], column["Type"], column.get("Scale")) for column in info]
    rows = [
        [cell.get("VarCharValue") for cell in row["Data"]]
        for page in pages
        for row in page["ResultSet"]["Rows"]
    ]
    return columns, rows[1:]


def athena_rows(engine: Athena, sql: str) -> list[tuple[Any, ...]]:
    """A query's rows with the values that Athena has written as text."""
    columns, rows = _asked_athena(engine, sql)
    readers = [READERS[family(kind, scale).split()[0]] for _, kind, scale in columns]
    return [
        tuple(None if cell is None else read(cell) for read, cell in zip(readers, row, strict=True))
        for row in rows
    ]


def redshift_reader(engine: Redshift, project: Path) -> Read:
    """Reads over the wire, in one session; the types from the catalogue.

    PostgreSQL forgets the size of a decimal behind a `case` in a view, as Redshift does not: there the contract has it.
    """

    def read(names: Iterable[str]) -> dict[str, Relation]:
        with closing(engine.connect()) as connection, connection.cursor() as cursor:
            return {
                name: _of_redshift(cursor, name, declared_types(manifest_of(project), name))
                for name in names
            }

    return read


def _of_redshift(cursor: Cursor, name: str, declared: dict[str, str]) -> Relation:
    def rows(sql: str) -> list[list[Any]]:
        cursor.execute(sql)
        return list(cursor.fetchall())

    schema, table = name.split(".")
    columns = rows(
        "select column_name, data_type, numeric_scale from information_schema.columns"
        f" where table_schema = '{schema}' and table_name = '{table}' order by ordinal_position"
    ) or [
        [n, k, scale_of(k)]
        for n, k in rows(
            "select col_name, col_type from pg_get_late_binding_view_cols()"
            " cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int)"
            f" where view_schema = '{schema}' and view_name = '{table}' order by col_num"
        )
    ]
    typed = [
        (n, declared[n], scale_of(declared[n])) if k.endswith("unsized_numeric") else (n, k, s)
        for n, k, s in columns
    ]
    return Relation.of(typed, rows(f"select * from {name}"))


def manifest_of(project: Path) -> dict[str, Any]:
    """The project as the last run in this folder parsed it."""
    file = project / "target/run/manifest.json"
    return _read(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(file: Path, _: int) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(file.read_text())
    return parsed


def declared_types(manifest: dict[str, Any], name: str) -> dict[str, str]:
    """The columns of a relation and their types as its contract has them."""
    return {
        column["name"]: column["data_type"]
        for node in manifest["nodes"].values()
        if f"{node['schema']}.{node['alias']}" == name
        for column in node["columns"].values()
    }

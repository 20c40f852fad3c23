"""Canaries in every personal column of OpenEMR and Synthea: landed, built into the marts, and found nowhere else."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion.access import audience_files, read_declaration
from ingestion.contract import read_project
from tests.privacy.audiences import known_relations, leaks, may_hold
from tests.privacy.gates import graph, personal
from tests.privacy.sought import LANDERS, Sought, bytes_found, in_raw
from tests.warehouse.systems import hand_made as openemr
from tests.warehouse.systems import synthea
from tests.warehouse.systems.built import Built
from tools.canaries import Canary, Planter
from tools.project import ROOT, compiled_for

logger = logging.getLogger(__name__)
pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

SYSTEMS = ("openemr", "synthea")
FOLDERS = tuple(
    f"models/{name}/"
    for name in ("marts/clinic", "marts/billing", "marts/shared", "marts/released", "restricted")
)
"""The folders of models that the two systems reach."""


@dataclass
class Landed:
    """The two systems in one lake, what was built of them, what was said of it, and the canaries in it."""

    lake: Path
    warehouse: Path
    said: str
    canaries: tuple[Canary, ...]

    @property
    def sought(self) -> Sought:
        """All of the canaries."""
        return Sought(self.canaries)


def delivered(inbox: Path) -> date:
    """Write one evening of both systems, with a row in every table; the day."""
    emr, _ = openemr.hand_made()
    for table in read_project(ROOT):
        if table.source == "openemr" and not emr.tables[table.name]:
            keys = map(table.column, table.key_columns)
            emr.add(table.name, **{column.file_name: "1" for column in keys})
    tables, _ = synthea.hand_made()
    files = emr.files() | synthea.files(tables, str(emr.day))
    for name, text in files.items():
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_text(text, newline="")
    return emr.day


def without_header(inbox: Path, name: str) -> str:
    """The records of a planted file that have a canary, so that the first of them is taken for the header."""
    lines = (inbox / name).read_text().splitlines(keepends=True)
    return "".join(line for line in lines if "canary" in line)


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    folder = tmp_path_factory.mktemp("systems")
    inbox = folder / "delivered"
    day = delivered(inbox)
    planter = Planter(read_project(ROOT), beside="openemr")
    planter.plant(inbox)
    names = (path.relative_to(inbox).as_posix() for path in sorted(inbox.rglob("*.csv")))
    files = {name: (inbox / name).read_text() for name in names}
    for table in ("openemr/{}/patient_data.csv", "synthea/{}/patients.csv"):
        files[table.format(day - timedelta(days=1))] = without_header(inbox, table.format(day))
    marts = [
        node["name"]
        for node in graph("duckdb").nodes.values()
        if node["original_file_path"].startswith(FOLDERS)
    ]
    with caplog_of("ingestion") as lines:
        compiled = compiled_for("duckdb")
        built = Built(folder, compiled, system="openemr", day=day, files=files, marts=marts)
    built.close()
    said = "\n".join([*lines, *map(repr, built.outcomes)])
    return Landed(folder / "lake", folder / "warehouse.duckdb", said, (*planter.planted.values(),))


@contextmanager
def caplog_of(name: str) -> Iterator[list[str]]:
    """What is logged meanwhile, line by line."""
    lines: list[str] = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    logger = logging.getLogger(name)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(level)


@pytest.fixture(scope="module")
def warehouse(landed: Landed) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(landed.warehouse), read_only=True) as connection:
        yield connection


def test_every_personal_column_of_both_systems_has_a_canary(
    landed: Landed, warehouse: duckdb.DuckDBPyConnection
) -> None:
    planted = {canary.place for canary in landed.canaries}
    columns = [place for place in personal() if place.startswith(SYSTEMS)]
    assert [c for c in columns if not planted & {c, f"{c} of a bad row"}] == []
    assert len(planted) > len(columns) > 80
    in_cells = [canary for canary in landed.canaries if canary.place in columns]
    logger.info("%d canaries, %d of them in rows that land", len(planted), len(in_cells))
    assert [canary.place for canary in in_cells if not in_raw(warehouse, canary)] == []
    assert len(in_cells) > 80


def test_they_reach_what_is_restricted(
    landed: Landed, warehouse: duckdb.DuckDBPyConnection
) -> None:
    asked = "select concat_ws(' ', last_name, date_of_birth) from restricted.dim_patient_identities"
    names = "\n".join(name for (name,) in warehouse.execute(asked).fetchall() if name)
    assert {
        *("openemr.patient_data.lname", "openemr.patient_data.dob"),
        *("synthea.patients.last_name", "synthea.patients.birth_date"),
    } <= landed.sought.places_in(names.casefold())


def test_the_file_of_a_role_holds_only_those_that_its_role_may_read(
    landed: Landed, warehouse: duckdb.DuckDBPyConnection
) -> None:
    built = {
        f"{schema}.{table}"
        for schema, table in warehouse.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
    }
    known = [relation for relation in known_relations() if relation.full_name in built]
    copy = shutil.copy(landed.warehouse, landed.warehouse.with_name("copy.duckdb"))
    for file in audience_files(read_declaration(ROOT), known, Path(copy)):
        file.write(Path(copy))
        assert len(file.holds) > 30
        assert leaks(file.path, may_hold(file.role), landed.sought) == []


def test_no_byte_outside_the_places_of_the_lander_holds_one(landed: Landed) -> None:
    assert {"refused", "landed"} <= set(landed.said.split("'"))
    assert landed.sought.places_in(landed.said.casefold()) == set()
    files = [
        path
        for path in landed.lake.rglob("*")
        if path.is_file() and path.relative_to(landed.lake).parts[0] not in LANDERS
    ]
    assert files
    assert bytes_found(files, landed.sought) == {}

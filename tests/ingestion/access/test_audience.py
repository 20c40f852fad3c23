"""The files of the roles hold what is declared and nothing else, and are published with the whole warehouse or not."""

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.access import (
    README_TABLE,
    AudienceFile,
    Declaration,
    Relation,
    audience_files,
    differences,
    write_readme,
)
from ingestion.pipeline.side_file import SideFile

RELATIONS = [
    Relation("clinic", "dim_patients", "marts.clinic", ("patient_key", "birth_year")),
    Relation("clinic", "visits", "marts.clinic", ("patients",)),
    Relation("restricted", "contacts", "restricted.clinic", ("patient_key", "email", "born_on", "phone")),
    Relation("staging", "patients", "staging.clinic", ("patient_id",)),
]  # fmt: skip
LIMITS = {"restricted.contacts": {"email": "masked", "born_on": "masked", "phone": "left_out"}}
ROLES = {
    "analyst": {"reads": ["marts"], "file": "marts"},
    "desk": {"reads": ["marts.clinic", "restricted"], "columns": LIMITS, "file_mode": "0600"},
    "engineer": {"reads": ["staging"]},
}


@pytest.fixture
def side(tmp_path: Path) -> SideFile:
    """A side file with a table and a view in marts, personal data, and what only builders read."""
    made = SideFile(tmp_path / "warehouse.duckdb")
    build(made.path)
    return made


def build(path: Path, patients: int = 1) -> None:
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema clinic; create schema restricted; create schema staging;"
            f"create table staging.patients as select unnest(range({patients})) as patient_id;"
            "create table clinic.dim_patients as select 'p' || patient_id as patient_key, 1980 as birth_year"
            " from staging.patients;"
            "comment on column clinic.dim_patients.birth_year is 'Null from ''age'' 90 on.';"
            f"create view clinic.visits as select count(*) as patients from {path.stem}.staging.patients;"
            "create table restricted.contacts as select 'p0' as patient_key, 'a@b.example' as email,"
            " date '1980-01-02' as born_on, '555' as phone"
        )


def files(side: SideFile, roles: Any = ROLES) -> list[AudienceFile]:
    made = audience_files(Declaration.model_validate({"roles": roles}), RELATIONS, side.path)
    for file in made:
        file.write(side.path)
    return made


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_each_file_holds_what_its_role_may_read_and_nothing_else(side: SideFile) -> None:
    analyst, desk = files(side)
    assert (analyst.path.name, desk.path.name) == (
        "warehouse_marts.duckdb",
        "warehouse_desk.duckdb",
    )
    tables = "select schema_name || '.' || table_name from duckdb_tables() order by 1"
    assert rows(analyst.path, tables) == [("clinic.dim_patients",), ("clinic.visits",)]
    assert rows(analyst.path, "select count(*) from duckdb_views() where not internal") == [(0,)]
    assert rows(analyst.path, "from clinic.visits") == [(1,)]
    assert rows(desk.path, "from restricted.contacts") == [("p0", "***", None)]
    assert rows(desk.path, "select typeof(born_on) from restricted.contacts") == [("DATE",)]
    assert rows(analyst.path, "select comment from duckdb_columns() where comment is not null") == [
        ("Null from 'age' 90 on.",)
    ]
    assert b"a@b.example" not in desk.path.read_bytes()
    assert [f"{f.path.stat().st_mode & 0o777:04o}" for f in (analyst, desk)] == ["0640", "0600"]
    assert differences([analyst, desk]) == []


NORTH = {
    "desk": {
        "reads": ["marts.clinic"],
        "rows": {"clinic.dim_patients": {"patient_key": ["p1", "p9"]}},
    }
}


def test_a_file_holds_the_rows_that_a_rule_chooses_and_one_more_is_told(tmp_path: Path) -> None:
    side = SideFile(tmp_path / "warehouse.duckdb")
    build(side.path, patients=3)
    (desk,) = files(side, NORTH)
    assert rows(desk.path, "select patient_key from clinic.dim_patients") == [("p1",)]
    assert rows(desk.path, "from clinic.visits") == [(3,)]
    assert differences([desk]) == []
    for more in ("'p2'", "null"):
        with duckdb.connect(str(desk.path)) as connection:
            connection.execute(f"insert into clinic.dim_patients values ({more}, 1980)")
        assert differences([desk]) == [
            "warehouse_desk.duckdb: clinic.dim_patients has other rows than declared"
        ]
        (desk,) = files(side, NORTH)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("create table clinic.more (a int)", "holds clinic.more"),
        ("drop table clinic.visits", "lacks clinic.visits"),
        ("alter table clinic.visits add column who varchar", "clinic.visits has other columns"),
        ("create schema x; create view x.y as select 1 as one", "holds x.y"),
    ],
)
def test_a_file_that_is_not_as_declared_is_told(side: SideFile, statement: str, told: str) -> None:
    analyst, _ = made = files(side)
    with duckdb.connect(str(analyst.path)) as connection:
        connection.execute(statement)
    (line,) = differences(made)
    assert line.startswith("warehouse_marts.duckdb: ") and told in line


def test_a_mode_that_is_not_as_declared_is_told(side: SideFile) -> None:
    analyst, desk = files(side)
    analyst.path.chmod(0o644)
    desk.path.unlink()
    assert differences([analyst, desk]) == [
        "warehouse_marts.duckdb: its mode is 0644, declared is 0640",
        "warehouse_desk.duckdb: is not there",
    ]


def publish(side: SideFile, roles: Any = ROLES) -> None:
    side.publish(beside=files(side, roles))


def published(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.duckdb"))


def test_the_files_of_a_role_come_and_go_with_it_and_others_stay(
    side: SideFile, tmp_path: Path
) -> None:
    (tmp_path / "warehouse_copy.duckdb").touch()
    publish(side)
    everything = ["warehouse.duckdb", "warehouse_copy.duckdb", "warehouse_desk.duckdb"]
    assert published(tmp_path) == [*everything, "warehouse_marts.duckdb"]
    with side.begun():
        publish(side, {"analyst": ROLES["analyst"]})
    assert published(tmp_path) == [
        "warehouse.duckdb",
        "warehouse_copy.duckdb",
        "warehouse_marts.duckdb",
    ]


@pytest.mark.parametrize("replaced", range(8))
def test_a_publication_that_is_killed_is_finished_by_the_next_run(
    side: SideFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: int
) -> None:
    publish(side)
    with side.begun():
        pass
    side.path.unlink()
    build(side.path, patients=2)
    replace, calls = os.replace, iter(range(100))

    def killed(*words: Any) -> None:
        if next(calls) == replaced:
            raise KeyboardInterrupt
        replace(*words)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        try:
            publish(side)
        except KeyboardInterrupt:
            pass
        else:
            assert replaced >= 5
    with SideFile(side.published).begun():
        found = {
            rows(tmp_path / name, "select max(patients) from clinic.visits")[0]
            for name in published(tmp_path)
        }
    # before the plan was written nothing had begun; after it, all of it is done
    assert found == ({(1,)} if replaced == 0 else {(2,)})


def test_each_file_says_what_its_own_schemas_are_for_and_with_which_to_begin(
    side: SideFile,
) -> None:
    operations = Relation("operations", "figures_status", "marts.operations", ("area",))
    with duckdb.connect(str(side.path)) as connection:
        connection.execute(
            "create schema operations; create table operations.figures_status as select 'clinic' as area"
        )
    known = [*RELATIONS, operations]
    write_readme(
        side.path, known, {"clinic": "Who comes.", "restricted": "Names.", "operations": "Trust."}
    )
    declared = Declaration.model_validate({"roles": ROLES})
    analyst, desk = audience_files(declared, [README_TABLE, *known], side.path)
    for file in (analyst, desk):
        file.write(side.path)
    begun = "Begin here: operations.figures_status says whether an area's figures may be used. "
    lines = "select schema_name, holds, tables, reads from readme order by place"
    here = "this file"
    assert rows(analyst.path, lines) == [
        ("operations", f"{begun}Trust.", 1, here),
        ("clinic", "Who comes.", 2, here),
    ]
    assert rows(desk.path, lines) == [
        ("clinic", "Who comes.", 2, here),
        ("restricted", "Names.", 1, here),
    ]
    assert [schema for schema, *_ in rows(side.path, lines)][-1] == "staging"
    assert differences([analyst, desk]) == []

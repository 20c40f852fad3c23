"""The grants on Redshift equal the declaration: after a build, a rebuild, a new role and a removed role."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redshift_connector.error import ProgrammingError

from ingestion.access import read_declaration
from ingestion.pipeline import access as rights_of
from ingestion.pipeline.dbt import Dbt, DbtFailed
from tools.project import ROOT
from tools.redshift.engine import Redshift

PROFILE = ROOT / "tests/engines/redshift/project/profiles.yml"
DBT_PROJECT = {
    "name": "small",
    "profile": "tiny",
    "version": "1.0",
    "flags": {"redshift_grants_extended": True},
    "on-run-start": ["{{ open_schemas() }}"],
    "models": {
        "small": {
            "+post-hook": "{{ let_read() }}",
            "+materialized": "table",
            "marts": {"clinic": {"+schema": "clinic"}, "billing": {"+schema": "billing"}},
            "restricted": {"clinic": {"+schema": "restricted"}},
        }
    },
}
MODELS = {
    "marts/clinic/dim_people": ["person_key"],
    "marts/billing/fct_bills": ["bill_key"],
    "restricted/clinic/people_names": ["person_key", "name", "email"],
}
LIMITED = {"small_restricted.people_names": {"email": "left_out"}}
ANALYST = {"reads": ["marts"]}
DESK = {"reads": ["marts.clinic", "restricted.clinic"], "columns": LIMITED}


@pytest.fixture
def project(tmp_path: Path, redshift: Redshift, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, value in redshift.settings.items():
        monkeypatch.setenv(name, value)
    for folder in ("macros/privacy", "macros/dialect"):
        (tmp_path / folder).mkdir(parents=True)
        shutil.copy(ROOT / folder / "readers.sql", tmp_path / folder)
    text = PROFILE.read_text().replace("schema: tiny", "schema: small")
    (tmp_path / "profiles.yml").write_text(text)
    for name, columns in MODELS.items():
        path = tmp_path / "models" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"select {', '.join(f'1 as {column}' for column in columns)}")
        described = {"name": path.stem, "columns": [{"name": column} for column in columns]}
        path.with_suffix(".yml").write_text(json.dumps({"models": [described]}))
    yield tmp_path
    for schema in ("clinic", "billing", "restricted"):
        redshift.rows(f"drop schema if exists small_{schema} cascade")


def run(folder: Path, **access: Any) -> Dbt:
    """What a run does, with this declaration."""
    settings = DBT_PROJECT | {"vars": {"access": access}}
    (folder / "dbt_project.yml").write_text(json.dumps(settings))
    declaration = read_declaration(folder)
    dbt = Dbt(folder, "redshift", {})
    declaration.refuse_unknown(dbt.relations())
    assert [node.status for node in dbt.build()] == ["success"] * (len(MODELS) + 1)
    assert rights_of.rights(dbt, declaration, "redshift") == []
    return dbt


MASKED = {
    "reads": ["restricted.clinic"],
    "columns": {"small_restricted.people_names": {"email": "left_out", "name": "masked"}},
}
NAMES, DIM = "small_restricted.people_names", "small_clinic.dim_people"


@pytest.fixture
def users(redshift: Redshift) -> Iterator[None]:
    """A user for each of two roles, which runs make."""
    redshift.rows(
        "create user small_ann password disable", "create user small_bob password disable"
    )
    yield
    for name in ("small_ann", "small_bob"):
        redshift.rows(f"drop role {name}")


def read_by(
    redshift: Redshift, user: str, columns: str, table: str = "small_restricted.people_names"
) -> list[list[Any]]:
    return redshift.rows(f"select {columns} from {table} order by 1", user=user)


@pytest.fixture
def people(project: Path, users: None) -> Path:
    """The project with three people in it."""
    (project / "models/restricted/clinic/people_names.sql").write_text(
        "select 1 as person_key, 'Zoe'::varchar(20) as name, 7 as email union all"
        " select 2, 'Max'::varchar(20), 8 union all select 3, null, 9"
    )
    (project / "models/marts/clinic/dim_people.sql").write_text(
        "select 'n'::varchar(9) as person_key union all select 's'::varchar(9) union all select null"
    )
    return project


def test_users_read_masks_and_rows_as_declared_after_a_rebuild_and_when_it_changes(
    people: Path, redshift: Redshift
) -> None:
    north = MASKED | {"rows": {"small_clinic.dim_people": {"person_key": ["n", "w"]}}}
    north |= {"reads": ["restricted.clinic", "marts.clinic"]}
    whole = {"reads": ["restricted", "marts"]}
    for again in range(2):
        dbt = run(people, small_north=north, small_desk=whole)
        redshift.rows("grant role small_north to small_ann", "grant role small_desk to small_bob")
        assert read_by(redshift, "small_ann", "person_key, name") == [
            [1, "***"],
            [2, "***"],
            [3, "***"],
        ], again
        assert read_by(redshift, "small_bob", "name, email") == [["Max", 8], ["Zoe", 7], [None, 9]]
        with pytest.raises(ProgrammingError, match=r"does not exist|denied"):
            read_by(redshift, "small_ann", "email")
        assert read_by(redshift, "small_ann", "person_key", DIM) == [["n"]]
        assert read_by(redshift, "small_bob", "person_key", DIM) == [["n"], ["s"], [None]]

    # changes by hand are corrected
    (policy,) = redshift.rows("select policy_name from svv_masking_policy")[0]
    redshift.rows(
        f"detach masking policy {policy} on {NAMES} (name) from role small_north",
        f"attach masking policy {policy} on {NAMES} (name) to small_bob",
        f"alter table {DIM} row level security off",
    )
    assert read_by(redshift, "small_ann", "name")[0] == ["Max"]
    assert read_by(redshift, "small_bob", "name")[0] == ["***"]
    assert len(read_by(redshift, "small_ann", "person_key", DIM)) == 3
    assert rights_of.rights(dbt, read_declaration(people), "redshift") == []
    assert read_by(redshift, "small_ann", "name")[0] == ["***"]
    assert read_by(redshift, "small_bob", "name")[0] == ["Max"]
    assert read_by(redshift, "small_ann", "person_key", DIM) == [["n"]]

    # another mask, another rule, a role that went
    other = {"columns": {NAMES: {"email": "masked"}}, "rows": {DIM: {"person_key": ["s"]}}}
    run(people, small_north=whole | other)
    assert read_by(redshift, "small_ann", "name, email")[0] == ["Max", None]
    assert read_by(redshift, "small_ann", "person_key", DIM) == [["s"]]
    with pytest.raises(ProgrammingError, match="denied"):
        read_by(redshift, "small_bob", "name")

    run(people, small_north=whole)
    assert read_by(redshift, "small_ann", "name, email")[0] == ["Max", 8]
    assert len(read_by(redshift, "small_ann", "person_key", DIM)) == 3
    assert redshift.rows("select policy_name from svv_masking_policy") == []
    assert redshift.rows("select polname from svv_rls_policy") == []


def readable(redshift: Redshift, role: str) -> list[str]:
    """The columns that a role can select, in schemas that it may use."""
    found = []
    for name, columns in MODELS.items():
        _, area, model = name.split("/")
        schema = "small_restricted" if name.startswith("restricted") else f"small_{area}"
        for column in columns:
            may = redshift.rows(
                f"select has_schema_privilege('{role}', '{schema}', 'usage') and"
                f" has_column_privilege('{role}', '{schema}.{model}', '{column}', 'select')"
            )
            found += [f"{model}.{column}"] if may == [[True]] else []
    return found


def test_roles_read_what_is_declared_and_go_when_they_are_taken_out(
    project: Path, redshift: Redshift
) -> None:
    run(project, small_analyst=ANALYST, small_desk=DESK)
    everything = ["dim_people.person_key", "fct_bills.bill_key"]
    desk = ["dim_people.person_key", "people_names.person_key", "people_names.name"]
    assert readable(redshift, "small_analyst") == everything
    assert readable(redshift, "small_desk") == desk

    run(project, small_desk=DESK, small_clerk={"reads": ["marts.billing"]})
    assert readable(redshift, "small_analyst") == []
    assert readable(redshift, "small_desk") == desk
    assert readable(redshift, "small_clerk") == ["fct_bills.bill_key"]

    run(project, small_desk={"reads": ["restricted"]})
    names = [f"people_names.{column}" for column in MODELS["restricted/clinic/people_names"]]
    assert readable(redshift, "small_desk") == names
    assert readable(redshift, "small_clerk") == []


def test_a_grant_by_hand_is_revoked(project: Path, redshift: Redshift) -> None:
    run(project, small_analyst=ANALYST)
    redshift.rows("create user small_guest password disable", "create group small_group")
    redshift.rows(
        "grant usage on schema small_restricted to small_guest",
        "grant select on small_restricted.people_names to small_guest",
        "grant select on small_restricted.people_names to group small_group",
        "grant select on small_restricted.people_names to public",
        "grant select (name) on small_restricted.people_names to role small_analyst",
        "grant insert on small_clinic.dim_people to role small_analyst",
    )
    dbt = Dbt(project, "redshift", {})
    declaration = read_declaration(project)
    assert rights_of.rights(dbt, declaration, "redshift") == []
    assert readable(redshift, "small_guest") == readable(redshift, "small_group") == []
    assert readable(redshift, "small_analyst") == ["dim_people.person_key", "fct_bills.bill_key"]
    may_write = "has_table_privilege('small_analyst', 'small_clinic.dim_people', 'insert')"
    assert redshift.rows(f"select {may_write}") == [[False]]


def test_a_right_that_cannot_be_taken_stops_the_publication(
    project: Path, redshift: Redshift, monkeypatch: pytest.MonkeyPatch
) -> None:
    dbt = run(project, small_analyst=ANALYST)
    redshift.rows("grant select on small_restricted.people_names to public")
    operation = dbt.operation

    def stuck(macro: str, *words: Any, **more: Any) -> list[str]:
        """An engine that takes every statement and changes nothing."""
        return [] if macro == "change_access" else operation(macro, *words, **more)

    monkeypatch.setattr(dbt, "operation", stuck)
    (node,) = rights_of.rights(dbt, read_declaration(project), "redshift")
    assert node.failed
    assert (
        node.message
        == "not as declared: relation public:public select small_restricted.people_names"
    )


def test_a_role_that_cannot_be_made_is_told(project: Path) -> None:
    dbt = run(project, small_analyst=ANALYST)
    with pytest.raises(DbtFailed, match="change_access"):
        dbt.operation("change_access", statements=["create role small_analyst"])

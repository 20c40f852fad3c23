"""The checks of a run around a build, on the engines' real state."""

import re
from pathlib import Path

import boto3
import pytest

from ingestion.pipeline import checks
from ingestion.pipeline.dbt import Dbt
from tests.engines.parity.conftest import Parity
from tests.engines.parity.legs import MARKS, reachable

pytestmark = MARKS

TABLE = "shared.dim_dates"
VIEW = "intermediate.int_visits_resolved"


def test_a_table_that_a_killed_run_had_put_aside_is_put_back_and_told(parity: Parity) -> None:
    athena = parity.athena
    before = athena.rows(f"select count(*) from {TABLE}")
    schema, name = TABLE.split(".")
    athena.rows(f"alter table `{schema}`.`{name}` rename to `{schema}`.`{name}__bkp`")
    said = parity.dbt("athena", "run-operation", "restore_backups")
    assert f"restored {TABLE} from what a killed run had put aside" in said
    assert athena.rows(f"select count(*) from {TABLE}") == before
    assert "restored" not in parity.dbt("athena", "run-operation", "restore_backups")


def test_a_view_that_cannot_be_read_stops_the_publication(parity: Parity) -> None:
    leg, redshift = parity.legs["redshift"], parity.redshift
    schema, name = VIEW.split(".")
    with reachable(leg.environment):
        dbt = Dbt(leg.project, "redshift", {})
        assert checks.obstacles(dbt, "redshift") == []
        redshift.rows(f"drop view {VIEW}")
        redshift.rows(f"create view {VIEW} as select * from {schema}.gone with no schema binding")
        try:
            (broken,) = checks.obstacles(dbt, "redshift")
        finally:
            parity.dbt("redshift", "run", "--select", name)
    assert broken.failed and broken.name == f"model.landfall.{name}" and "clinic" in broken.areas


@pytest.mark.parametrize("name", ["athena", "redshift"])
def test_a_relation_that_the_project_does_not_know_is_named(parity: Parity, name: str) -> None:
    leg = parity.legs[name]
    make = "create view billing.of_another_version as select 1 as a"
    engine = parity.athena if name == "athena" else parity.redshift
    with reachable(leg.environment):
        dbt = Dbt(leg.project, name, {})
        assert checks.unknown_relations(dbt) == []
        engine.rows(make)
        try:
            (told,) = checks.unknown_relations(dbt)
        finally:
            engine.rows("drop view billing.of_another_version")
    assert (told.name, told.failed) == ("billing.of_another_version", False)


def test_redshift_lets_the_named_roles_read_and_no_other(parity: Parity, tmp_path: Path) -> None:
    redshift = parity.redshift
    for role in ("analyst", "desk"):
        if not redshift.rows(f"select role_name from svv_roles where role_name = '{role}'"):
            redshift.rows(f"create role {role}")
    readers = "{access: {analyst: {reads: [marts]}, desk: {reads: [restricted.clinic]}}}"
    small = parity.small_leg("redshift", tmp_path)
    small.dbt("run", "--select", "dim_dates", "review_texts", "--vars", readers)
    told = redshift.rows(
        "select namespace_name || '.' || relation_name, identity_name, privilege_type"
        " from svv_relation_privileges where identity_name in ('analyst', 'desk')"
        " and relation_name in ('review_texts', 'dim_dates') order by 1"
    )
    assert told == [
        ["restricted.review_texts", "desk", "select"],
        ["shared.dim_dates", "analyst", "select"],
    ]
    may = "has_schema_privilege('{}', '{}', 'usage')"
    asked = [("analyst", "shared"), ("analyst", "restricted"), ("desk", "restricted")]
    answered = redshift.rows("select " + ", ".join(may.format(*pair) for pair in asked))
    assert answered == [[True, False, True]]


def test_athena_tags_each_table_with_its_place_and_closes_databases(parity: Parity) -> None:
    expected = {
        "shared.dim_dates": "marts.shared",
        "restricted.review_texts": "restricted.clinic",
        "staging.stg_clinic__patients": "staging",
        "snapshots.snap_clinic__patients": "snapshots",
    }
    with reachable(parity.legs["athena"].environment):
        formation = boto3.client("lakeformation")
    told = {}
    for relation in expected:
        schema, name = relation.split(".")
        found = formation.get_resource_lf_tags(
            Resource={"Table": {"DatabaseName": schema, "Name": name}}
        )
        (tag,) = found["LFTagsOnTable"]
        assert tag["TagKey"] == "landfall_access"
        (told[relation],) = tag["TagValues"]
        (tag,) = formation.get_resource_lf_tags(Resource={"Database": {"Name": schema}})[
            "LFTagOnDatabase"
        ]
        assert tag["TagValues"] == ["internal"]
    assert told == expected


def test_a_snapshot_on_athena_asks_for_its_time_once(parity: Parity) -> None:
    api, asked = parity.athena.athena, []
    group = parity.legs["athena"].environment["LANDFALL_ATHENA_WORKGROUP"]
    for page in api.get_paginator("list_query_executions").paginate(WorkGroup=group):
        found = api.batch_get_query_execution(QueryExecutionIds=page["QueryExecutionIds"])
        asked += [query["Query"] for query in found["QueryExecutions"]]
    times = [sql for sql in asked if re.search(r"select cast\(.*select max\(extract_date\)", sql)]
    recorded = [sql for sql in asked if "'snapshot' as taken_by" in sql]
    assert len(times) == len(recorded) > 9

"""Tags and grants on Athena are made from the declaration, and a table that carries another value is told."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ingestion.access import Declaration, Relation, lake_formation, read_declaration
from ingestion.errors import BadSettings
from tools.project import ROOT, compiled_for
from tools.standins.aws import know_what_has_no_tag
from tools.standins.calls import recorded
from tools.template import TREE

RELATIONS = [
    Relation("clinic", "dim_patients", "marts.clinic", ("patient_key",)),
    Relation("restricted", "contacts", "restricted.clinic", ("patient_key", "email", "phone")),
    Relation("staging", "stg_clinic__patients", "staging.clinic", ("patient_id",)),
    Relation("raw_clinic", "patient", "raw.clinic", ("person_id",)),
]
DECLARED = Declaration.model_validate(
    {
        "tag": "seen_by",
        "roles": {
            "analyst": {"reads": ["marts"]},
            "desk": {
                "reads": ["marts", "restricted"],
                "columns": {"restricted.contacts": {"phone": "left_out", "email": "masked"}},
            },
            "lander": {"reads": ["raw"]},
        },
    }
)


def grants(role: str) -> list[tuple[str, Any, list[str]]]:
    """Kind, values and rights of what the template gives to a role."""
    made = lake_formation.template(DECLARED, RELATIONS)["Resources"].values()
    found = []
    for resource in made:
        given = resource["Properties"]
        if given.get("Principal") != {"DataLakePrincipalIdentifier": {"Ref": f"{role}Arn"}}:
            continue
        if policy := given["Resource"].get("LFTagPolicy"):
            (tag,) = policy["Expression"]
            assert tag["TagKey"] == "seen_by"
            found.append((policy["ResourceType"], tag["TagValues"], given["Permissions"]))
        else:
            columns = given["Resource"]["TableWithColumns"]
            found.append((columns["Name"], columns["ColumnWildcard"], given["Permissions"]))
    return found


def test_each_role_is_granted_its_places_by_tag_and_limited_tables_by_column() -> None:
    read = ["SELECT", "DESCRIBE"]
    assert grants("Analyst") == [
        ("DATABASE", ["internal"], ["DESCRIBE"]),
        ("TABLE", ["marts.clinic"], read),
    ]
    assert grants("Desk") == [
        ("DATABASE", ["internal"], ["DESCRIBE"]),
        ("TABLE", ["marts.clinic"], read),
        ("contacts", {"ExcludedColumnNames": ["email", "phone"]}, ["SELECT"]),
    ]
    assert grants("Lander") == [
        ("DATABASE", ["raw"], ["DESCRIBE"]),
        ("TABLE", ["raw"], read),
    ]


def test_a_rule_for_rows_is_a_filter_of_cells_that_the_role_is_granted_and_nothing_else() -> None:
    limited = DECLARED.model_dump()
    limited["roles"]["desk"]["rows"] = {
        "restricted.contacts": {"patient_key": ["p1", "p2"]},
        "clinic.dim_patients": {"patient_key": ["p1"]},
    }
    made = lake_formation.template(Declaration.model_validate(limited), RELATIONS)["Resources"]
    rules = {
        name: one["Properties"]
        for name, one in made.items()
        if one["Type"] == "AWS::LakeFormation::DataCellsFilter"
    }
    account = {"Ref": "AWS::AccountId"}
    assert rules["DeskRestrictedContacts"] == {
        "TableCatalogId": account,
        "DatabaseName": "restricted",
        "TableName": "contacts",
        "Name": "desk_restricted_contacts",
        "RowFilter": {"FilterExpression": "patient_key in ('p1', 'p2')"},
        "ColumnWildcard": {"ExcludedColumnNames": ["email", "phone"]},
    }
    assert rules["DeskClinicDimPatients"]["ColumnWildcard"] == {}
    granted = [
        one["Properties"]["Resource"]
        for one in made.values()
        if one["Properties"].get("Principal") == {"DataLakePrincipalIdentifier": {"Ref": "DeskArn"}}
    ]
    cells = [one["DataCellsFilter"]["Name"] for one in granted if "DataCellsFilter" in one]
    assert cells == ["desk_clinic_dim_patients", "desk_restricted_contacts"]
    assert all("TableWithColumns" not in one for one in granted)
    # nothing is granted by the tables' own values, which only these tables carry
    tables = [
        p for one in granted if (p := one.get("LFTagPolicy")) and p["ResourceType"] == "TABLE"
    ]
    assert tables == []


def test_no_role_may_select_what_a_new_database_carries() -> None:
    for role in ("Analyst", "Desk", "Lander"):
        assert all("internal" not in chosen for kind, chosen, _ in grants(role) if kind == "TABLE")


def test_an_area_of_staging_has_a_value_of_its_own_only_where_a_role_reads_it() -> None:
    staging = RELATIONS[2]
    assert lake_formation.value_of(DECLARED, staging) == "staging"
    named = DECLARED.model_dump()
    named["roles"]["helper"] = {"reads": ["staging.clinic"]}
    assert lake_formation.value_of(Declaration.model_validate(named), staging) == "staging.clinic"


def test_more_values_than_one_call_takes_are_refused() -> None:
    many = [Relation(f"m{n}", "t", f"marts.m{n}", ("k",)) for n in range(50)]
    with pytest.raises(BadSettings, match="51 values of a tag, and Lake Formation takes 50"):
        lake_formation.template(DECLARED, many)


@pytest.mark.warehouse
def test_the_template_in_deploy_is_made_from_the_declaration() -> None:
    """To write it anew: python -m ingestion access > deploy/lake_formation.json"""
    from dbt.contracts.graph.manifest import WritableManifest  # slow to load

    from ingestion.pipeline.dbt import relations_of

    path = compiled_for("athena").parents[1] / "manifest.json"
    parsed = WritableManifest.upgrade_schema_version(json.loads(path.read_text()))
    declared, relations = read_declaration(ROOT), relations_of(parsed)
    made = lake_formation.template(declared, relations)
    assert json.loads((ROOT / "deploy" / "lake_formation.json").read_text()) == made
    # the stack makes the tag, and grants what the declaration gives an analyst to its role Reader
    parameters = {
        name: one["Default"] for name, one in TREE["Parameters"].items() if "Default" in one
    }
    assert parameters["AccessValues"] == ",".join(lake_formation.values(declared, relations))
    read = {
        lake_formation.value_of(declared, one)
        for one in relations
        if declared.may_read("analyst", one)
    }
    assert parameters["ReaderValues"] == ",".join(sorted(read))


@pytest.fixture
def client() -> Iterator[Any]:
    """Lake Formation in an account that has the tag and a database for each relation."""
    with mock_aws():
        know_what_has_no_tag()
        formation, glue = boto3.client("lakeformation"), boto3.client("glue")
        values = lake_formation.values(DECLARED, RELATIONS)
        formation.create_lf_tag(TagKey="seen_by", TagValues=values)
        for relation in RELATIONS:
            glue.create_database(DatabaseInput={"Name": relation.schema})
        yield formation


@pytest.mark.slow
def test_a_table_that_carries_another_value_is_told(client: Any) -> None:
    for relation in RELATIONS:
        set_value(client, relation, lake_formation.value_of(DECLARED, relation))
    lake_formation.tag_databases(client, DECLARED, RELATIONS)
    assert lake_formation.tag_differences(client, DECLARED, RELATIONS) == []
    told = client.get_resource_lf_tags(Resource={"Database": {"Name": "clinic"}})
    assert told["LFTagOnDatabase"][0]["TagValues"] == ["internal"]
    set_value(client, RELATIONS[1], "marts.clinic")
    set_value(client, RELATIONS[2], "internal")
    assert lake_formation.tag_differences(client, DECLARED, RELATIONS) == [
        "restricted.contacts carries marts.clinic of seen_by",
        "staging.stg_clinic__patients carries internal of seen_by",
    ]


@pytest.mark.slow
def test_a_database_that_has_its_value_is_left_alone(client: Any) -> None:
    """Whoever builds may tag the tables that it owns, and not the databases that a stack made."""
    with recorded() as asked:
        lake_formation.tag_databases(client, DECLARED, RELATIONS)
    assert ("lakeformation:AddLFTagsToResource", "*") in asked
    with recorded() as asked:
        lake_formation.tag_databases(client, DECLARED, RELATIONS)
    assert asked == {("lakeformation:GetResourceLFTags", "*")}


def set_value(client: Any, relation: Relation, value: str) -> None:
    client.add_lf_tags_to_resource(
        Resource={"Table": {"DatabaseName": relation.schema, "Name": relation.name}},
        LFTags=[{"TagKey": "seen_by", "TagValues": [value]}],
    )

"""Rights on Athena: Lake Formation's tags, as they are declared and as they are, and the grants as CloudFormation.

Each table carries one value of the tag: its place, or its own name where a role reads it without some columns. A
database carries `internal`, which no role may select from, so a table is closed until its own value is set; the raw
databases carry their place, because their tables are not tagged.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ingestion.access.declaration import RAW, Declaration, Relation

if TYPE_CHECKING:
    from mypy_boto3_lakeformation import LakeFormationClient

INTERNAL = "internal"
_READ = ["SELECT", "DESCRIBE"]


def value_of(declaration: Declaration, relation: Relation) -> str:
    """The value of the tag that a relation carries."""
    limited = any(relation.full_name in role.columns for role in declaration.roles.values())
    return relation.full_name if limited else relation.place


def _database_value(relation: Relation) -> str:
    return relation.place if relation.place.startswith(f"{RAW}.") else INTERNAL


def values(declaration: Declaration, relations: Iterable[Relation]) -> list[str]:
    """Every value that the tag has."""
    return sorted({INTERNAL, *(value_of(declaration, relation) for relation in relations)})


def template(declaration: Declaration, relations: Iterable[Relation]) -> dict[str, Any]:
    """The tag and the grants to each role as a CloudFormation template, whose parameters are the roles' ARNs."""
    known = list(relations)
    tag = {"TagKey": declaration.tag_key, "TagValues": values(declaration, known)}
    resources: dict[str, Any] = {"Tag": {"Type": "AWS::LakeFormation::Tag", "Properties": tag}}
    for name in declaration.roles:
        for number, grant in enumerate(_grants(declaration, name, known), 1):
            principal = {"DataLakePrincipalIdentifier": {"Ref": f"{_camel(name)}Arn"}}
            resources[f"{_camel(name)}{number}"] = {
                "Type": "AWS::LakeFormation::PrincipalPermissions",
                "DependsOn": "Tag",
                "Properties": {
                    "Principal": principal,
                    **grant,
                    "PermissionsWithGrantOption": [],
                },
            }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Who may read Landfall's warehouse on Athena; made by: python -m ingestion access",
        "Parameters": {
            f"{_camel(name)}Arn": {"Type": "String", "Description": f"The IAM role of {name}."}
            for name in declaration.roles
        },
        "Resources": resources,
    }


def _grants(declaration: Declaration, role: str, known: list[Relation]) -> Iterator[dict[str, Any]]:
    read = [relation for relation in known if declaration.may_read(role, relation)]
    limits = declaration.roles[role].columns
    whole = sorted({value_of(declaration, r) for r in read if r.full_name not in limits})
    databases = sorted({_database_value(relation) for relation in read})
    for kind, chosen, rights in (("DATABASE", databases, ["DESCRIBE"]), ("TABLE", whole, _READ)):
        if chosen:
            expression = [{"TagKey": declaration.tag_key, "TagValues": chosen}]
            policy = {
                "CatalogId": {"Ref": "AWS::AccountId"},
                "ResourceType": kind,
                "Expression": expression,
            }
            yield {"Resource": {"LFTagPolicy": policy}, "Permissions": rights}
    for relation in read:
        if left_out := limits.get(relation.full_name):
            columns = {
                "CatalogId": {"Ref": "AWS::AccountId"},
                "DatabaseName": relation.schema,
                "Name": relation.name,
                "ColumnWildcard": {"ExcludedColumnNames": sorted(left_out)},
            }
            yield {"Resource": {"TableWithColumns": columns}, "Permissions": ["SELECT"]}


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def tag_databases(
    client: "LakeFormationClient", declaration: Declaration, relations: Iterable[Relation]
) -> None:
    """Give each database its value, so that a table which is not tagged yet, or never, is closed."""
    for schema, value in sorted({(r.schema, _database_value(r)) for r in relations}):
        client.add_lf_tags_to_resource(
            Resource={"Database": {"Name": schema}},
            LFTags=[{"TagKey": declaration.tag_key, "TagValues": [value]}],
        )


def tag_differences(
    client: "LakeFormationClient", declaration: Declaration, relations: Iterable[Relation]
) -> list[str]:
    """A line for each table that carries another value than declared, its own or its database's."""
    found = []
    for relation in relations:
        told = client.get_resource_lf_tags(
            Resource={"Table": {"DatabaseName": relation.schema, "Name": relation.name}}
        )
        tags = {
            tag["TagKey"]: tag["TagValues"]
            for tag in [*told.get("LFTagOnDatabase", []), *told.get("LFTagsOnTable", [])]
        }
        carried = tags.get(declaration.tag_key, [])
        if carried != [value_of(declaration, relation)]:
            shown = ", ".join(carried) or "no value"
            found.append(f"{relation.full_name} carries {shown} of {declaration.tag_key}")
    return found

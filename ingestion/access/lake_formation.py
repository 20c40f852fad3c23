"""Rights on Athena: Lake Formation's tags, as they are declared and as they are, and the grants as CloudFormation.

Each table carries one value of the tag: its place, or its own name where a role reads some of its columns or rows. The
places of the warehouse's sources are not split by area, unless a role reads one area of them. A database carries
`internal`, which no role may select from, so a table is closed until its own value is set; the raw databases carry
their place, because their tables are not tagged.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ingestion.access.declaration import INNER, RAW, Declaration, Relation, rule_as_sql
from ingestion.errors import BadSettings

if TYPE_CHECKING:
    from mypy_boto3_lakeformation import LakeFormationClient
    from mypy_boto3_lakeformation.type_defs import (
        LFTagPairOutputTypeDef,
        LFTagPairTypeDef,
        ResourceTypeDef,
    )

ACCOUNT = {"Ref": "AWS::AccountId"}
INTERNAL = "internal"
_READ = ["SELECT", "DESCRIBE"]
_MOST_VALUES = 50
"""How many values one call takes, and so a template: "A single API call supports 50 values",
https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_LFTag.html"""


def value_of(declaration: Declaration, relation: Relation) -> str:
    """The value of the tag that a relation carries (in SQL: tag_value_of)."""
    if declaration.limits(relation):
        return relation.full_name
    front = relation.place.partition(".")[0]
    is_named = any(relation.place in role.reads for role in declaration.roles.values())
    return relation.place if is_named or front not in INNER else front


def _database_value(declaration: Declaration, relation: Relation) -> str:
    is_raw = relation.place.startswith(f"{RAW}.")
    return value_of(declaration, relation) if is_raw else INTERNAL


def values(declaration: Declaration, relations: Iterable[Relation]) -> list[str]:
    """Every value that the tag has. BadSettings when there are more than Lake Formation takes."""
    found = sorted({INTERNAL, *(value_of(declaration, relation) for relation in relations)})
    if len(found) > _MOST_VALUES:
        raise BadSettings(
            f"dbt_project.yml: vars.access: {len(found)} values of a tag, and Lake Formation takes {_MOST_VALUES}:"
            " name fewer areas of staging, intermediate and raw, or limit fewer tables"
        )
    return found


def template(declaration: Declaration, relations: Iterable[Relation]) -> dict[str, Any]:
    """The tag and the grants to each role as a CloudFormation template, whose parameters are the roles' ARNs."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Who may read Landfall's warehouse on Athena; made by: python -m ingestion access",
        "Parameters": {
            "MakeTag": {
                "Type": "String",
                "Description": "no where deploy/landfall.yaml has made it",
                "AllowedValues": ["yes", "no"],
                "Default": "yes",
            },
            **{
                f"{_camel(name)}Arn": {"Type": "String", "Description": f"The IAM role of {name}."}
                for name in declaration.roles
            },
        },
        "Conditions": {"MakesTag": {"Fn::Equals": [{"Ref": "MakeTag"}, "yes"]}},
        "Resources": _resources(declaration, list(relations)),
    }


def _resources(declaration: Declaration, known: list[Relation]) -> dict[str, Any]:
    tag = {
        "Type": "AWS::LakeFormation::Tag",
        "Condition": "MakesTag",
        "Properties": {"TagKey": declaration.tag_key, "TagValues": values(declaration, known)},
    }
    resources: dict[str, Any] = {"Tag": tag}
    for name in declaration.roles:
        filters = dict(_filters(declaration, name, known))
        resources |= filters
        for number, grant in enumerate(_grants(declaration, name, known), 1):
            principal = {"DataLakePrincipalIdentifier": {"Ref": f"{_camel(name)}Arn"}}
            resources[f"{_camel(name)}{number}"] = {
                "Type": "AWS::LakeFormation::PrincipalPermissions",
                "DependsOn": ["Tag", *sorted(filters)] if filters else "Tag",
                "Properties": {
                    "Principal": principal,
                    **grant,
                    "PermissionsWithGrantOption": [],
                },
            }
    return resources


def _grants(declaration: Declaration, role: str, known: list[Relation]) -> Iterator[dict[str, Any]]:
    read = [relation for relation in known if declaration.may_read(role, relation)]
    limits = declaration.roles[role].columns
    rules = declaration.roles[role].rows
    limited = limits.keys() | rules.keys()
    whole = sorted({value_of(declaration, r) for r in read if r.full_name not in limited})
    databases = sorted({_database_value(declaration, relation) for relation in read})
    for kind, chosen, rights in (("DATABASE", databases, ["DESCRIBE"]), ("TABLE", whole, _READ)):
        if chosen:
            expression = [{"TagKey": declaration.tag_key, "TagValues": chosen}]
            policy = {
                "CatalogId": ACCOUNT,
                "ResourceType": kind,
                "Expression": expression,
            }
            yield {"Resource": {"LFTagPolicy": policy}, "Permissions": rights}
    for relation in read:
        left_out = sorted(limits.get(relation.full_name, ()))
        if relation.full_name in rules:
            named = {"DatabaseName": relation.schema, "TableName": relation.name}
            cells = {"TableCatalogId": ACCOUNT, **named, "Name": filter_name(role, relation)}
            yield {"Resource": {"DataCellsFilter": cells}, "Permissions": ["SELECT"]}
        elif left_out:
            columns = {
                "CatalogId": ACCOUNT,
                "DatabaseName": relation.schema,
                "Name": relation.name,
                "ColumnWildcard": {"ExcludedColumnNames": left_out},
            }
            yield {"Resource": {"TableWithColumns": columns}, "Permissions": ["SELECT"]}


def filter_name(role: str, relation: Relation) -> str:
    """The name of the filter by which a role reads some rows of a relation."""
    return f"{role}_{relation.schema}_{relation.name}"


def _filters(
    declaration: Declaration, role: str, known: list[Relation]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows, and the columns, of the tables of which a role reads some rows alone."""
    given = declaration.roles[role]
    for relation in known:
        if rule := given.rows.get(relation.full_name):
            left_out = sorted(given.columns.get(relation.full_name, ()))
            name = filter_name(role, relation)
            yield (
                _camel(name),
                {
                    "Type": "AWS::LakeFormation::DataCellsFilter",
                    "Properties": {
                        "TableCatalogId": ACCOUNT,
                        "DatabaseName": relation.schema,
                        "TableName": relation.name,
                        "Name": name,
                        "RowFilter": {"FilterExpression": rule_as_sql(rule)},
                        "ColumnWildcard": {"ExcludedColumnNames": left_out} if left_out else {},
                    },
                },
            )


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def tag_databases(
    client: "LakeFormationClient", declaration: Declaration, relations: Iterable[Relation]
) -> None:
    """Give each database its value, if it lacks it, so that an untagged table is closed."""
    for schema, value in sorted({(r.schema, _database_value(declaration, r)) for r in relations}):
        database: ResourceTypeDef = {"Database": {"Name": schema}}
        told = client.get_resource_lf_tags(Resource=database)
        if _carried(declaration, told.get("LFTagOnDatabase", [])) != [value]:
            pair: LFTagPairTypeDef = {"TagKey": declaration.tag_key, "TagValues": [value]}
            client.add_lf_tags_to_resource(Resource=database, LFTags=[pair])


def tag_differences(
    client: "LakeFormationClient", declaration: Declaration, relations: Iterable[Relation]
) -> list[str]:
    """A line for each table that carries another value than declared, its own or its database's."""
    found = []
    for relation in relations:
        told = client.get_resource_lf_tags(
            Resource={"Table": {"DatabaseName": relation.schema, "Name": relation.name}}
        )
        carried = _carried(
            declaration, [*told.get("LFTagOnDatabase", []), *told.get("LFTagsOnTable", [])]
        )
        if carried != [value_of(declaration, relation)]:
            shown = ", ".join(carried) or "no value"
            found.append(f"{relation.full_name} carries {shown} of {declaration.tag_key}")
    return found


def _carried(declaration: Declaration, tags: Iterable["LFTagPairOutputTypeDef"]) -> list[str]:
    """The values of the declaration's tag; those of a table come after its database's, and count."""
    found = {tag["TagKey"]: list(tag["TagValues"]) for tag in tags}
    return found.get(declaration.tag_key, [])

"""Access in a run: grants what is declared and compares the two; a difference stops the run.

On DuckDB these are the files of the roles, on Redshift grants, on Athena the values of a tag (docs/guides/access.md).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.access import (
    RAW,
    README_TABLE,
    AudienceFile,
    Declaration,
    audience_files,
    changes,
    declared_rights,
    differences,
    granted_rights,
    lake_formation,
    policies,
    read_declaration,
    told_types,
    write_readme,
)
from ingestion.aws import answering
from ingestion.pipeline.node import ACCESS, Node
from ingestion.settings import Settings

if TYPE_CHECKING:
    from ingestion.pipeline.dbt import Dbt

_UNTAGGED = ("staging", RAW)
"""Places whose tables carry the value of their database: seeds and raw tables."""


def template(settings: Settings) -> dict[str, Any]:
    """The tag and the grants of Lake Formation as a CloudFormation template."""
    from ingestion.pipeline.dbt import Dbt  # takes seconds to load

    with settings.environment():
        relations = Dbt(settings.project_dir, settings.target, {}, work=settings.work).relations()
    declaration = read_declaration(settings.project_dir)
    declaration.refuse_unknown(relations)
    return lake_formation.template(declaration, relations)


def rights(dbt: "Dbt", declaration: Declaration, target: str) -> list[Node]:
    """Grant, revoke and tag as declared; returns remaining differences as failed nodes."""
    if target == "athena" and declaration.tag:
        return _tags(dbt, declaration)
    if target != "redshift":
        return []
    told, relations = _told(dbt, declaration), dbt.relations()
    types = told_types(told)
    declared = declared_rights(declaration, relations, types)
    made, dropped = policies(told, declaration, relations, types)
    if statements := [*made, *changes(granted_rights(told), declared), *dropped]:
        dbt.operation("change_access", statements=statements)
        told = _told(dbt, declaration)
    return [
        Node.wrong("access.landfall.redshift", ACCESS, f"not as declared: {right}")
        for right in sorted(granted_rights(told) ^ declared)
    ]


def _told(dbt: "Dbt", declaration: Declaration) -> list[str]:
    limited = {
        table for role in declaration.roles.values() for table in {**role.columns, **role.rows}
    }
    schemas = sorted(dbt.schemas())
    return dbt.operation("access_granted", schemas=schemas, limited=sorted(limited))


def audiences(
    dbt: "Dbt", declaration: Declaration, built: Path
) -> tuple[list[AudienceFile], list[Node]]:
    """Write the readme into the built file, and the file of each role beside it.

    Returns the files, and differences from the declaration as failed nodes.
    """
    relations = dbt.relations()
    write_readme(built, relations, dbt.groups())
    files = audience_files(declaration, [README_TABLE, *relations], built)
    for file in files:
        file.write(built)
    wrong = [Node.wrong("access.landfall.duckdb", ACCESS, told) for told in differences(files)]
    return files, wrong


def _tags(dbt: "Dbt", declaration: Declaration) -> list[Node]:
    """Close the databases, and compare the values that tables carry."""
    import boto3  # slow to load, and only Athena needs it

    relations = dbt.relations()
    tagged = [
        r for r in relations if r.place not in _UNTAGGED and not r.place.startswith(f"{RAW}.")
    ]
    with answering("tag databases in Lake Formation"):
        client = boto3.client("lakeformation")
        lake_formation.tag_databases(client, declaration, relations)
        found = lake_formation.tag_differences(client, declaration, tagged)
    return [Node.wrong("access.landfall.athena", ACCESS, told) for told in found]

"""Who may read what: `vars.access` of dbt_project.yml, and the code that enforces it on each engine.

`declaration.py` is the declaration, `audience.py` the DuckDB files of the roles, `readme.py` the table in them that
says where to begin, `grants.py` the rights on Redshift, `lake_formation.py` tags and grants on Athena.
"""

from ingestion.access import lake_formation
from ingestion.access.audience import AudienceFile, audience_files, differences
from ingestion.access.declaration import RAW, Declaration, Relation, Role, read_declaration
from ingestion.access.grants import changes, declared_rights, granted_rights, policies, told_types
from ingestion.access.readme import TABLE as README_TABLE
from ingestion.access.readme import write_readme

__all__ = [
    "RAW",
    "README_TABLE",
    "AudienceFile",
    "Declaration",
    "Relation",
    "Role",
    "audience_files",
    "changes",
    "declared_rights",
    "differences",
    "granted_rights",
    "lake_formation",
    "policies",
    "read_declaration",
    "told_types",
    "write_readme",
]

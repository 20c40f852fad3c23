"""The contract: what each source delivers, table by table, as its dbt sources file says.

`models/staging/<source>/_<source>__sources.yml` is the only schema there is: the lander, Glue, DuckDB and dbt all
read it. `read_project` turns all of these files into one `Project`, or refuses with file, table and column.
"""

from ingestion.contract.column import Column
from ingestion.contract.model import (
    ROW_KEY,
    Delivery,
    Limits,
    Project,
    Source,
    Table,
)
from ingestion.contract.reader import read_project
from ingestion.contract.types import PortableType

__all__ = [
    "ROW_KEY",
    "Column",
    "Delivery",
    "Limits",
    "PortableType",
    "Project",
    "Source",
    "Table",
    "read_project",
]

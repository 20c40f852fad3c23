"""The contract: what each source delivers, table by table, as its dbt sources file says.

`models/staging/<source>/_<source>__sources.yml` is the only schema: the lander, Glue, DuckDB and dbt all read it.
`read_project` turns all of these files into one `Project`, or refuses with file, table and column.
"""

from ingestion.contract.column import FORMATS, ZERO_DATES, Column, FileType
from ingestion.contract.model import (
    DMS_WORDS,
    MAX_SKIP_LINES,
    Delivery,
    Limits,
    Project,
    RowFloor,
    Source,
    Table,
)
from ingestion.contract.paths import (
    DATE_FOLDERS,
    DYNAMODB_FOLDER,
    BadName,
    PathPattern,
    has_date,
    in_range,
    pattern_for,
)
from ingestion.contract.reader import (
    BASE,
    TABLE_WORD,
    UNDECIDED,
    business_zone,
    contract_path,
    first_complaint,
    read_project,
    variables,
)
from ingestion.contract.reserved import OWN_COLUMNS, RESERVED
from ingestion.contract.types import NUMBERS, PortableType, arrow_schema

__all__ = [
    "BASE",
    "DATE_FOLDERS",
    "DMS_WORDS",
    "DYNAMODB_FOLDER",
    "FORMATS",
    "MAX_SKIP_LINES",
    "NUMBERS",
    "OWN_COLUMNS",
    "RESERVED",
    "TABLE_WORD",
    "UNDECIDED",
    "ZERO_DATES",
    "BadName",
    "Column",
    "Delivery",
    "FileType",
    "Limits",
    "PathPattern",
    "PortableType",
    "Project",
    "RowFloor",
    "Source",
    "Table",
    "arrow_schema",
    "business_zone",
    "contract_path",
    "first_complaint",
    "has_date",
    "in_range",
    "pattern_for",
    "read_project",
    "variables",
]

"""Where engines find the raw tables: Glue for Athena and Redshift, views in a DuckDB file for the embedded default."""

from ingestion.catalog.base import Catalog, DerivedTable, Difference, Registration
from ingestion.catalog.duck import DuckCatalog
from ingestion.catalog.duck_file import (
    DuckFile,
    copy_database,
    is_there,
    locked,
    opened,
    take_place,
)
from ingestion.catalog.schema import (
    EXTRACTED_AT,
    PARQUET_OPTIONS,
    PSEUDONYM_KEY_ID,
    RawTable,
    raw_table,
)

__all__ = [
    "EXTRACTED_AT",
    "PARQUET_OPTIONS",
    "PSEUDONYM_KEY_ID",
    "Catalog",
    "DerivedTable",
    "Difference",
    "DuckCatalog",
    "DuckFile",
    "RawTable",
    "Registration",
    "copy_database",
    "is_there",
    "locked",
    "opened",
    "raw_table",
    "take_place",
]

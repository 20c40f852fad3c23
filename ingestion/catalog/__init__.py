"""Where engines find the raw tables: Glue for Athena and Redshift, views in a DuckDB file for the embedded default."""

from ingestion.catalog.base import Catalog, DerivedTable, NoCatalog, Registration
from ingestion.catalog.duck import DuckCatalog
from ingestion.catalog.duck_file import DuckFile
from ingestion.catalog.schema import RawTable, raw_table

__all__ = [
    "Catalog",
    "DerivedTable",
    "DuckCatalog",
    "DuckFile",
    "NoCatalog",
    "RawTable",
    "Registration",
    "raw_table",
]

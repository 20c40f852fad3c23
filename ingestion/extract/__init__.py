"""Extraction: from a live database into the inbox, where `land` finds it like any other extract.

All tables of a run are read in one snapshot. Incremental tables are read from their watermark on, which stays behind
every transaction that could still commit (docs/guides/live_databases.md).
"""

from ingestion.extract.address import Address
from ingestion.extract.database import Described
from ingestion.extract.describe import Observed, describe, portable
from ingestion.extract.run import Extracted, extract

__all__ = ["Address", "Described", "Extracted", "Observed", "describe", "extract", "portable"]

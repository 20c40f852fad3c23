"""Drafts: the contract of a source out of its files or its database, the staging models out of its contract, and out of
these the snapshots, mappings and measures by which a practice's system gets into its marts.

A person finishes a draft: nothing here decides how sensitive a column is, and no value of a cell is printed except the
short lists of codes on request.
"""

from ingestion.drafting.draft import draft_database, draft_files
from ingestion.drafting.practice import draft_mappings, draft_measures
from ingestion.drafting.snapshots import draft_snapshots
from ingestion.drafting.staging import draft_staging
from ingestion.drafting.writing import Draft, write

__all__ = [
    "Draft",
    "draft_database",
    "draft_files",
    "draft_mappings",
    "draft_measures",
    "draft_snapshots",
    "draft_staging",
    "write",
]

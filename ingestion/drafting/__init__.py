"""Drafts: the contract of a source out of its files or its database, and the staging models out of its contract.

A draft is for a person to finish: nothing here decides how sensitive a column is, and nothing prints a value of a cell
but the short lists of codes that are asked for.
"""

from ingestion.drafting.draft import draft_database, draft_files
from ingestion.drafting.staging import draft_staging
from ingestion.drafting.writing import Draft, write

__all__ = ["Draft", "draft_database", "draft_files", "draft_staging", "write"]

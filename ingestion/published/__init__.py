"""The tables of `raw_landfall`: Landfall's loads and runs, for marts, freshness and history."""

from ingestion.published.columns import RUNS
from ingestion.published.tables import publish_derived, unlike

__all__ = ["RUNS", "publish_derived", "unlike"]

"""The tables of `raw_landfall`: loads, refusals, acts and runs, for the operations marts, freshness and history."""

from ingestion.published.columns import RUNS
from ingestion.published.tables import publish_derived, unlike

__all__ = ["RUNS", "publish_derived", "unlike"]

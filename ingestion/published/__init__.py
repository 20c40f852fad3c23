"""The tables of `raw_landfall`: loads, refusals, acts and runs, for the operations marts, freshness and history."""

from ingestion.published.acts import discarded_parts, is_record_of_discard
from ingestion.published.columns import QUARANTINED_ROWS, RUNS
from ingestion.published.tables import encoded, publish_derived, unlike

__all__ = [
    "QUARANTINED_ROWS",
    "RUNS",
    "discarded_parts",
    "encoded",
    "is_record_of_discard",
    "publish_derived",
    "unlike",
]

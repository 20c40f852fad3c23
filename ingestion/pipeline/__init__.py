"""`run`: land, history, build, test, publish and docs, in one process.

`steps.py` is the order of things, `dbt.py` the one dbt process, `side_file.py` publishes on DuckDB without disturbing
readers, `record.py` writes the run's record in `raw_landfall.runs`, `report_pages.py` the pages for people.
"""

from ingestion.pipeline.access import template
from ingestion.pipeline.freshness import late_tables
from ingestion.pipeline.steps import RunReport, make_pages_anew, run
from ingestion.pipeline.summary import conditions, figures, summary

__all__ = [
    "RunReport",
    "conditions",
    "figures",
    "late_tables",
    "make_pages_anew",
    "run",
    "summary",
    "template",
]

"""`run`: land, history, build, test, publish and docs, in one process.

`steps.py` is the order of things, `dbt.py` the one dbt process, `side_file.py` how DuckDB readers are never disturbed,
`record.py` what a run leaves behind in `raw_landfall.runs`.
"""

from ingestion.pipeline.steps import RunReport, run
from ingestion.pipeline.summary import summary

__all__ = ["RunReport", "run", "summary"]

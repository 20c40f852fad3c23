"""The record of a run: a row per node and area in `raw_landfall.runs`, written whole as one parquet object."""

from dataclasses import dataclass
from datetime import date, datetime

from ingestion.pipeline.node import Node
from ingestion.published import RUNS, encoded


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run as it is recorded. Times are UTC without a zone; `verdict` is complete or failed."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    target: str
    as_of: date | None
    verdict: str
    nodes: tuple[Node, ...]

    @property
    def key(self) -> str:
        """The record's key in the lake."""
        return f"raw/landfall/runs/{self.run_id}/part-00000.parquet"

    def to_bytes(self) -> bytes:
        """A parquet file: a row per node and area that it feeds, or one without an area for a node that feeds none."""
        rows = [
            {
                "run_id": self.run_id,
                "started_at": self.started_at,
                "finished_at": self.finished_at,
                "target": self.target,
                "as_of": self.as_of,
                "verdict": self.verdict,
                "node": node.name,
                "resource_type": node.resource_type,
                "area": area,
                "status": node.status,
                "seconds": node.seconds,
                "failures": node.failures,
                "bytes_scanned": node.bytes_scanned,
            }
            for node in self.nodes
            for area in (node.areas or (None,))
        ]
        return encoded(RUNS, rows)[0]

"""The project's metrics as a BI tool gets them: MetricFlow turns a question into an engine's SQL."""

import re
from collections.abc import Sequence
from datetime import date

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.athena import AthenaSqlPlanRenderer
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow.sql.render.redshift import RedshiftSqlPlanRenderer
from metricflow.sql.render.sql_plan_renderer import SqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

RENDERERS: dict[str, tuple[SqlEngine, SqlPlanRenderer]] = {
    "duckdb": (SqlEngine.DUCKDB, DuckDbSqlPlanRenderer()),
    "athena": (SqlEngine.ATHENA, AthenaSqlPlanRenderer()),
    "redshift": (SqlEngine.REDSHIFT, RedshiftSqlPlanRenderer()),
}


SLICE = re.compile(r"\w+\('(\w+)'(?:, '(\w+)')?\)")
"""A slice as a saved query writes it: TimeDimension('metric_time', 'month')."""


def _dundered(found: re.Match[str]) -> str:
    """A slice as MetricFlow's command line takes it: metric_time__month."""
    return "__".join(part for part in found.groups() if part)


class Offline:
    """What MetricFlow asks of an engine to write SQL for it; nothing is ever sent."""

    def __init__(self, target: str) -> None:
        self.sql_engine_type, self.sql_plan_renderer = RENDERERS[target]


class Metrics:
    """The metrics of a semantic manifest (dbt's target/semantic_manifest.json), for one target."""

    def __init__(self, semantic_manifest: str, target: str = "duckdb") -> None:
        parsed = parse_manifest_from_dbt_generated_manifest(manifest_json_string=semantic_manifest)
        self.saved = {query.name: query.query_params for query in parsed.saved_queries}
        client = Offline(target)
        self._engine = MetricFlowEngine(SemanticManifestLookup(parsed), client)  # type: ignore[arg-type]

    @property
    def names(self) -> list[str]:
        """Every metric, by name."""
        return [metric.name for metric in self._engine.list_metrics(include_dimensions=False)]

    def sql_of_saved(self, name: str, on: date | None = None) -> str:
        """The SQL of a saved query; its columns are its slices and then its metrics."""
        asked = self.saved[name]
        return self.sql(asked.metrics, [SLICE.sub(_dundered, one) for one in asked.group_by], on)

    def sql(self, metrics: Sequence[str], by: Sequence[str] = (), on: date | None = None) -> str:
        """The SQL for the slices and then the metrics, in this order; `on`: at the end of that day."""
        where = [f"{{{{ TimeDimension('metric_time', 'day') }}}} = '{on}'"] if on else None
        asked = MetricFlowQueryRequest.create(
            metric_names=metrics,
            group_by_names=[*dict.fromkeys((*by, "metric_time__day"))] if on else by,
            where_constraints=where,
        )
        statement = self._engine.explain(asked).sql_statement.sql
        return f"select {', '.join([*by, *metrics])} from ({statement}) as answered"

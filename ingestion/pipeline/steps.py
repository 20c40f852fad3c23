"""The order of a run: land, history, build with its tests, freshness, docs, record, publish."""

import uuid
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ingestion.errors import BadSettings
from ingestion.land import (
    Context,
    Outcome,
    hold_lease,
    land,
    open_context,
    refuse_if_lost,
    register,
)
from ingestion.loads import read_loads
from ingestion.pipeline import checks
from ingestion.pipeline.dbt import Dbt, Node
from ingestion.pipeline.record import RunRecord
from ingestion.pipeline.side_file import SideFile
from ingestion.pipeline.state import state_of
from ingestion.pipeline.state_loads import state_loads
from ingestion.settings import DATABASE_NAME, RESERVED, Settings

Watch = Callable[[str], None]


@dataclass
class RunReport:
    """What a run did.

    `is_new` is false when the published warehouse was built from the same loads by the same project, so that there
    was nothing to build. `mended` says what an earlier run had left behind, `history` what became of each snapshot,
    `nodes` are dbt's, `figures` the verdict per area, `docs` the page.
    """

    run_id: str
    outcomes: list[Outcome]
    is_new: bool = True
    mended: list[str] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    freshness: list[Node] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    docs: Path | None = None
    published: Path | str | None = None

    @property
    def failures(self) -> list[Node]:
        """The nodes that stopped the publication."""
        return [node for node in self.nodes if node.failed]

    @property
    def warnings(self) -> list[Node]:
        """The tests that found something which does not stop the publication."""
        return [node for node in self.nodes if node.status == "warn"]

    @property
    def exit_code(self) -> int:
        """1 when a node failed, else 3 when an extract was refused, else 0."""
        if self.failures:
            return 1
        return 3 if any(outcome.counts_as_refused for outcome in self.outcomes) else 0


def run(
    settings: Settings,
    *,
    as_of: date | None = None,
    into: str | None = None,
    full_refresh: bool = False,
    release: str | None = None,
    watch: Watch | None = None,
) -> RunReport:
    """Do everything that is due, once; a second run goes on from where this one stopped.

    `into` names a warehouse of its own, built from what has been landed, whose history ends at `as_of`: on DuckDB a
    file beside the published one, elsewhere schemas whose names begin with it. `release` is the id of a load that may
    have far fewer rows than came before, at landing and in history. Raises BadSettings, LandingFailed, or DbtFailed
    when dbt could not begin; failed nodes are in the report.
    """
    settings = settings if into is None else _of_its_own(settings, as_of, into)
    side = SideFile(settings.warehouse) if settings.target == "duckdb" else None
    building = settings.with_warehouse(side.path) if side else settings
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
    context = open_context(building)
    with hold_lease(context, run_id), side.begun() if side else nullcontext():
        report = RunReport(
            run_id, land(context, release=release, progress=watch) if into is None else []
        )
        # before the views are made: what is committed in between is built by the next run
        state = state_of(context, as_of)
        register(context)
        report.is_new = full_refresh or side is None or not side.is_built_from(state)
        schemas = into.lower() if into and not side else None
        day = as_of.isoformat() if as_of else None
        variables = _given(as_of=day, release=release, into=schemas)
        _build(context, report, variables, as_of, full_refresh, watch)
        if not report.failures:
            refuse_if_lost(context, run_id)
            if side:
                side.mark(state)
                side.publish()
            report.published = settings.warehouse if side else _of_an_engine(settings, schemas)
    return report


def _given(**variables: str | None) -> dict[str, str]:
    return {name: value for name, value in variables.items() if value}


def _of_an_engine(settings: Settings, schemas: str | None) -> str:
    return f"{settings.target}, schemas {schemas}_*" if schemas else settings.target


def _of_its_own(settings: Settings, as_of: date | None, into: str) -> Settings:
    """The settings of the warehouse that `into` names. BadSettings when the words do not go together."""
    if as_of is None:
        raise BadSettings("--into needs --as-of: say of which day the other warehouse is")
    if not DATABASE_NAME.fullmatch(into) or into.lower() in RESERVED:
        raise BadSettings(f"--into {into}: letters, digits and _ only, as it names a database")
    if settings.target != "duckdb":
        if into.lower() == "raw":
            raise BadSettings("--into raw: the raw tables' schemas begin so; choose another name")
        return settings
    aside = settings.warehouse.with_name(f"{into}.duckdb")
    if aside == settings.warehouse:
        raise BadSettings(f"--into {into}: that is the published warehouse itself")
    return settings.with_warehouse(aside)


def _build(
    context: Context,
    report: RunReport,
    variables: dict[str, str],
    as_of: date | None,
    full_refresh: bool,
    watch: Watch | None,
) -> None:
    """History, models and tests where there is anything new; freshness, record, verdicts; the docs of a good build."""
    started = datetime.now(UTC).replace(tzinfo=None)
    settings = context.settings
    with settings.environment():
        dbt = Dbt(settings.project_dir, settings.target, variables, watch)
        if report.is_new:
            report.mended = checks.before(dbt, settings.target)
            report.nodes = dbt.seed()
            if not report.failures:
                report.history = dbt.operation("backfill_history", full_refresh=full_refresh)
                known = _known_loads(context, as_of)
                report.nodes += dbt.build(full_refresh=full_refresh, variables=known)
            report.nodes += [] if report.failures else checks.after(dbt, settings.target)
        report.freshness = dbt.freshness()
        _record(context, report, started, as_of)
        if report.failures:
            return
        if report.is_new:
            report.docs = dbt.docs()
        report.figures = dbt.rows("figures_status")


def _known_loads(context: Context, as_of: date | None) -> dict[str, Any]:
    """Where staging models are tables, the loads to make them from; a view would keep them when others have come."""
    if context.settings.target != "athena":
        return {}
    return {"loads": state_loads(context.project, read_loads(context.store), as_of)}


def _record(context: Context, report: RunReport, started: datetime, as_of: date | None) -> None:
    """Write the run's record and make it visible, whether the run went well or not."""
    record = RunRecord(
        run_id=report.run_id,
        started_at=started,
        finished_at=datetime.now(UTC).replace(tzinfo=None),
        target=context.settings.target,
        as_of=as_of,
        verdict="failed" if report.failures else "complete",
        nodes=(*report.nodes, *report.freshness),
    )
    context.store.put(record.key, record.to_bytes())
    register(context)

"""The order of a run: land, history, build with its tests, freshness, docs, record, publish."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.access import AudienceFile, read_declaration
from ingestion.aws import is_on_s3
from ingestion.catalog import DuckFile, is_there
from ingestion.errors import BadExtract, BadSettings, LandingFailed
from ingestion.land import Context, catch_up, land, open_context, register
from ingestion.loads import read_loads
from ingestion.logs import current_run_id, doing
from ingestion.outcome import Outcome
from ingestion.pipeline.freshness import freshness
from ingestion.pipeline.news import News, changed_parts, news_of
from ingestion.pipeline.node import Node
from ingestion.pipeline.record import RunRecord
from ingestion.pipeline.report_pages import DOCUMENTATION, FIRST, make_pages, store_pages
from ingestion.pipeline.side_file import SideFile
from ingestion.pipeline.state import CELLS, State, forgettings, hash_of_files, state_of
from ingestion.pipeline.state_loads import state_loads
from ingestion.settings import DATABASE_NAME, RESERVED, Settings
from ingestion.store import INBOX, hold_lease, in_the_way, refuse_if_lost

if TYPE_CHECKING:
    from ingestion.pipeline.dbt import Dbt

FIGURES = "figures_status"
"""The model that gives the verdict per area."""

logger = logging.getLogger(__name__)

Watch = Callable[[str], None]


@dataclass(kw_only=True)
class RunReport:
    """What a run did.

    `is_new` is false when there was nothing to build: the same project has built the published warehouse from the same
    loads. `news` is what has changed, if only what lies downstream of it was built, of the `count` nodes of the
    project. `left` counts the objects that a run with `--into` leaves in the inbox. `repaired` has a line for each
    thing that an earlier run left behind, `history` one for each snapshot. `nodes` are dbt's, `figures` the verdicts
    per area, `audiences` the new files of the roles, `docs` dbt's page, `pages` the entry page of those for people.
    `unpublished` is the file that a failed run has built on DuckDB; it stays until the next run.
    """

    run_id: str
    outcomes: list[Outcome] = field(default_factory=list)
    is_new: bool = True
    news: News | None = None
    count: int = 0
    left: int = 0
    repaired: list[str] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    freshness: list[Node] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    audiences: list[AudienceFile] | None = None
    docs: Path | None = None
    pages: str | None = None
    published: Path | str | None = None
    unpublished: Path | None = None

    @property
    def failures(self) -> list[Node]:
        """The nodes that stopped the publication."""
        return [node for node in self.nodes if node.failed]

    @property
    def warnings(self) -> list[Node]:
        """The tests that found something, and other findings, that do not stop the publication."""
        return [node for node in self.nodes if node.status == "warn"]

    @property
    def built_in_words(self) -> str:
        """How much of the project was built, and why not more; empty if all of it was."""
        if self.news is None:
            return ""
        return f"built {len(self.nodes)} of {self.count} nodes: {self.news.in_words}"

    @property
    def exit_code(self) -> int:
        """1 when a node failed, else 3 when an extract was refused, else 0."""
        if self.failures:
            return 1
        is_refused = any(outcome.outcome == "refused" for outcome in self.outcomes)
        return BadExtract.exit_code if is_refused else 0


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What was asked of a run; `run` explains each."""

    as_of: date | None
    into: str | None
    full_refresh: bool
    release: str | None
    watch: Watch | None

    @property
    def needs_all(self) -> bool:
        """Whether everything must be built, and not only what lies downstream of new loads."""
        return bool(self.as_of or self.into or self.release)

    def schemas(self, target: str) -> str | None:
        """What the names of schemas begin with if `into` asks for schemas of its own; DuckDB has a file instead."""
        return self.into.lower() if self.into and target != "duckdb" else None

    @property
    def variables(self) -> dict[str, str]:
        """The variables of the project that this sets."""
        day = self.as_of.isoformat() if self.as_of else None
        given = {"as_of": day, "release": self.release}
        return {name: value for name, value in given.items() if value}


def run(
    settings: Settings,
    *,
    as_of: date | None = None,
    into: str | None = None,
    full_refresh: bool = False,
    release: str | None = None,
    watch: Watch | None = None,
    wait: timedelta = timedelta(),
) -> RunReport:
    """Do everything that is due, once; a second run goes on from where this one stopped.

    `into` names a warehouse of its own, built from what has been landed, whose history ends at `as_of`: on DuckDB a
    file beside the published one, elsewhere schemas whose names begin with it. `release` is the id of a load that may
    have far fewer rows than came before, at landing and in history. Another run that is at work is waited for as long
    as `wait`. Raises BadSettings, LandingFailed, or DbtFailed when dbt could not begin; failed nodes are in the report.
    """
    asked = _Asked(as_of=as_of, into=into, full_refresh=full_refresh, release=release, watch=watch)
    settings = settings if into is None else _of_its_own(settings, as_of, into)
    report = RunReport(run_id=current_run_id())
    with _leased(settings, report.run_id, wait) as (context, side):
        without = forgettings(context.store)
        with side.begun(without) if side else nullcontext():
            _run(context, report, asked, side, without)
    return report


@contextmanager
def _leased(
    settings: Settings, run_id: str, wait: timedelta = timedelta()
) -> Iterator[tuple[Context, SideFile | None]]:
    """Hold the lease of the lake, waiting for it as long as `wait`; the context is that of the side file on DuckDB."""
    side = SideFile(settings.warehouse) if settings.target == "duckdb" else None
    building = settings.with_warehouse(side.path) if side else settings
    context = open_context(building, is_aside=side is not None)
    if wait:
        in_the_way(context.store, context.clock, wait)
    with hold_lease(context.store, context.clock, run_id):
        yield context, side


def _run(
    context: Context,
    report: RunReport,
    asked: _Asked,
    side: SideFile | None,
    without: Sequence[str],
) -> None:
    """The steps of a run that holds the lease and has begun its side file, `without` the forgotten persons."""
    if asked.into:
        report.left = sum(1 for _ in context.store.list(INBOX))
    else:
        with doing("land"):
            report.outcomes = land(
                context, release=asked.release, progress=asked.watch, registers=False
            )
    # read before the tables are registered: the next run builds what is committed in between
    state = state_of(context, asked.as_of)
    if side:
        side.keep_open()
    with doing("register"):
        register(context)
    if side and not asked.full_refresh and not side.audiences_differ():
        _look_for_news(context, report, side.built_from(), state, is_whole=asked.needs_all)
    if side and report.is_new:
        side.let_go()
    made = _build(context, report, asked, side)
    if not report.failures:
        refuse_if_lost(context.store, report.run_id)
        with doing("publish"):
            if side:
                side.mark(state, without)
                side.publish(partial(catch_up, context), report.audiences, made)
            report.pages = _first_of(side) if side else store_pages(context.store, made, asked.into)
        report.published = side.published if side else _of_an_engine(context.settings, asked)
    elif side:
        report.unpublished = side.path
        _tell_of_the_failure(context.settings.with_warehouse(side.published))


def _look_for_news(
    context: Context, report: RunReport, built_from: State, state: State, *, is_whole: bool
) -> None:
    """Put into the report what has changed since the published file was built.

    `state` was read before the tables were registered. Loads that were committed in between are registered too, so what
    lies downstream of them is built now, and again by the next run.
    """
    report.is_new = bool(changed_parts(built_from, state))
    if report.is_new and not is_whole:
        changed = changed_parts(built_from, state, state_of(context, None))
        report.news = news_of(changed, context.settings.project_dir)


def _tell_of_the_failure(published: Settings) -> None:
    """Register in the published file the loads and this failed run, as a landing does.

    The figures in it stay; its `operations.figures_status` is about the last run, published or not.
    """
    if not is_there(published.warehouse):
        return
    try:
        catch_up(open_context(published))
    except LandingFailed as error:
        logger.warning("the published file does not know of this run yet: %s", error)


def _first_of(side: SideFile) -> str | None:
    first = side.report / FIRST
    return str(first) if first.exists() else None


def make_pages_anew(settings: Settings) -> str | None:
    """Make the pages again from the published warehouse, and publish only them; the entry page's place, if any."""
    from ingestion.pipeline.dbt import Dbt

    with (
        _leased(settings, current_run_id()) as (context, side),
        side.begun() if side else nullcontext(),
        context.settings.environment(),
    ):
        dbt = Dbt(settings.project_dir, settings.target, {}, None, settings.work)
        made = make_pages(dbt, settings, dbt.docs(), side.pages if side else _work_of(settings))
        if side is None:
            return store_pages(context.store, made, None)
        side.publish_pages(made)
    return _first_of(side)


def _work_of(settings: Settings) -> Path:
    """The folder for pages on their way to the lake."""
    return (settings.work or settings.project_dir / "target") / "report"


def _of_an_engine(settings: Settings, asked: _Asked) -> str:
    schemas = asked.schemas(settings.target)
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


def _build(context: Context, report: RunReport, asked: _Asked, side: SideFile | None) -> list[Path]:
    """Build and test if anything is new; measure freshness and write the run's record in any case.

    A good build also gets its documentation and the pages for people, which are returned and not published yet.
    """
    started = datetime.now(UTC).replace(tzinfo=None)
    settings = context.settings
    with settings.environment():
        built = _build_with_dbt(context, report, asked) if report.is_new else None
        loads = read_loads(context.store)
        report.freshness = freshness(context.project, loads, context.clock(), settings.project_dir)
        _record(context, report, started, asked.as_of)
        if built and side and not report.failures:
            _write_audiences(context, report, built, started, asked.as_of)
        if report.failures:
            return []
        if not built:
            report.figures = _figures_of(settings)
            return []
        with doing("docs"):
            report.docs = _documentation(report, built, side)
        report.figures = _figures_of(settings) if side else built.rows(FIGURES)
        with doing("pages"):
            earlier = side.report if side and report.news else None
            folder = side.pages if side else _work_of(settings)
            return make_pages(built, settings, report.docs, folder, earlier)


def _build_with_dbt(context: Context, report: RunReport, asked: _Asked) -> "Dbt":
    """Base views, histories, and everything built upon them, with their tests.

    dbt is imported here: that takes seconds, and a run that builds nothing does not need it.
    """
    from ingestion.pipeline import access, checks
    from ingestion.pipeline.dbt import Dbt

    settings = context.settings
    began = datetime.now(UTC)
    dbt = Dbt(
        settings.project_dir,
        settings.target,
        asked.variables,
        asked.watch,
        settings.work,
        is_aside=bool(asked.into),
        schemas=asked.schemas(settings.target),
    )
    declared = read_declaration(settings.project_dir)
    declared.refuse_unknown(dbt.relations())
    report.repaired = checks.clear_leftovers(dbt, settings.target)
    _build_nodes(context, report, dbt, asked)
    if not report.failures:
        warehouse = settings.warehouse if settings.target == "duckdb" else None
        report.nodes += checks.obstacles(dbt, settings.target, warehouse)
    if not report.failures and not report.news:
        report.nodes += checks.unknown_relations(dbt)
    if not report.failures:
        with doing("access"):
            report.nodes += access.rights(dbt, declared, settings.target)
    if settings.target == "athena":
        report.nodes = _with_bytes(report.nodes, began)
    _log_nodes(report.nodes)
    return dbt


def _build_nodes(context: Context, report: RunReport, dbt: "Dbt", asked: _Asked) -> None:
    """Base views, then the histories built from them, then all other nodes; with `news` only the nodes due by it."""
    project_dir = context.settings.project_dir
    report.count = dbt.count()
    due = dbt.nodes_to_build(report.news, project_dir) if report.news else None
    base: list[Node] = []
    if due is None:
        with doing("base"):
            base = dbt.base()
    # if a view could not be made, the build tries it once more, and leaves out what depends on it
    is_made = not any(node.failed for node in base)
    with doing("history"):
        report.history = dbt.backfill(full_refresh=asked.full_refresh, only=due)
    known = _known_loads(context, asked.as_of)
    known["project_hash"] = hash_of_files(project_dir, CELLS)
    with doing("build"):
        built = dbt.build(
            without_base=is_made, full_refresh=asked.full_refresh, variables=known, only=due
        )
    report.nodes = (base if is_made else []) + built
    if report.news:
        logger.info("%s", report.built_in_words)


def _documentation(report: RunReport, built: "Dbt", side: SideFile | None) -> Path:
    """The page of every model and column: the published one if this run has built only a part, else a new one.

    dbt's page shows the SQL of what was just built alone, so after a part it would lack the rest.
    """
    published = side.report / DOCUMENTATION if side and report.news else None
    return published if published and published.exists() else built.docs()


def _with_bytes(nodes: list[Node], began: datetime) -> list[Node]:
    """The nodes with the bytes that their queries read on Athena; without them, and a warning, if Athena fails."""
    from ingestion.pipeline.checks import bytes_by_node

    try:
        read = bytes_by_node(began)
    except LandingFailed as error:
        logger.warning("the record of this run has no bytes scanned: %s", error)
        return nodes
    return [replace(node, bytes_scanned=read[node.name]) for node in nodes]


def _write_audiences(
    context: Context, report: RunReport, built: "Dbt", started: datetime, as_of: date | None
) -> None:
    """Write the files of the roles, after the record of this run, so that their verdicts are about this run.

    If a file is not as declared the run has failed, and its record is written again.
    """
    from ingestion.pipeline import access

    settings = context.settings
    with doing("access"):
        declared = read_declaration(settings.project_dir)
        report.audiences, wrong = access.audiences(built, declared, settings.warehouse)
    if wrong:
        _log_nodes(wrong)
        report.nodes += wrong
        _record(context, report, started, as_of)


def _figures_of(settings: Settings) -> list[dict[str, Any]]:
    """The verdicts of a DuckDB file that is built already."""
    file = DuckFile(settings.warehouse, is_on_s3(settings.lake))
    return file.rows(f"select * from operations.{FIGURES}")


def _log_nodes(nodes: list[Node]) -> None:
    """A line for each node, with its own time."""
    for node in nodes:
        about = {"operation": node.resource_type, "table": node.name, "seconds": node.seconds}
        logger.info(
            "%s: %s",
            node.name,
            node.status,
            extra={**about, "failures": node.failures, "areas": node.areas},
        )


def _known_loads(context: Context, as_of: date | None) -> dict[str, Any]:
    """The loads that hold each state, for Athena: as literals in a query they limit the partitions that it reads."""
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
    catch_up(context)

"""The command line: `python -m ingestion COMMAND`. This file parses arguments and prints; other modules do the work."""

import json
import math
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import click

from ingestion import __version__, alerts, report
from ingestion import land as lander
from ingestion.command import Finished, command, landing, say
from ingestion.contract import MAX_SKIP_LINES, in_range
from ingestion.errors import BadExtract, BadSettings, LandingFailed
from ingestion.formats import Told
from ingestion.loads import read_loads
from ingestion.moments import in_millis
from ingestion.outcome import Outcome, printable
from ingestion.seeds import read_finding_codes
from ingestion.settings import Settings
from ingestion.store import in_the_way, open_store


class Minutes(click.FloatRange):
    """A waiting time in minutes, up to a year."""

    def __init__(self) -> None:
        super().__init__(0, 366 * 24 * 60)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number; a usage error for one out of range and for NaN, which passes every comparison with the range."""
        minutes = float(super().convert(value, param, ctx))
        if math.isnan(minutes):
            self.fail(f"{value!r} is not a number of minutes", param, ctx)
        return minutes


WAIT = click.option(
    "--wait-minutes",
    type=Minutes(),
    default=0,
    show_default=True,
    help="How many minutes to wait for another run.",
)
FORMAT = click.option(
    "--format",
    "style",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table for people, or one JSON object a line.",
)


class IsoDate(click.ParamType[date]):
    """A date written YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date, or click's usage error."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is not a date, write YYYY-MM-DD", param, ctx)


class IsoMoment(IsoDate):
    """A date written YYYY-MM-DD, or a moment with its zone, as UTC without it."""

    name = "YYYY-MM-DD[THH:MM:SSZ]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date or moment, or click's usage error."""
        if isinstance(value, date):
            return value
        try:
            if len(value) == len("YYYY-MM-DD"):
                return in_range(date.fromisoformat(value))
            moment = datetime.fromisoformat(value)
            if moment.tzinfo and "T" in value:
                return in_range(in_millis(moment.astimezone(UTC).replace(tzinfo=None)))
        except (ValueError, OverflowError):
            pass
        said = f"'{value}' is not the day or moment of an extract: write 2026-11-21 or 2026-11-21T14:30:00Z"
        self.fail(said, param, ctx)


def _show_outcomes(outcomes: Sequence[Outcome], style: str, empty: str) -> int:
    """Print the outcomes of extracts; returns their exit code."""
    if style == "table":
        report.show(report.outcomes_as_text(outcomes, empty))
        if advice := report.advice(outcomes):
            report.show(advice)
    else:
        _show(outcomes, style, empty)
    return BadExtract.exit_code if any(outcome.outcome == "refused" for outcome in outcomes) else 0


def _show(records: Sequence[Any], style: str, empty: str) -> None:
    """Print records as a table, or `empty`, or as JSON, a line each."""
    if style == "table":
        report.show(report.records_as_text(records, empty))
    elif records:
        report.show(report.records_as_json(records))


def _unknown_release(settings: Settings, load_id: str | None, outcomes: Sequence[Outcome]) -> int:
    """An exit code, with a line, if nothing has the id to release; else 0."""
    if load_id is None or any(outcome.load_id == load_id for outcome in outcomes):
        return 0
    # a load that was landed before may be released for history
    landed = read_loads(open_store(settings.lake, settings.kms_key))
    if any(load.base_load_id == load_id for load in landed):
        return 0
    told = f"nothing was released: no extract has the id {printable(load_id)}; the refused one's message gives it"
    say(settings, f"{BadSettings.__name__}: {told}", BadSettings.exit_code)
    return BadSettings.exit_code


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="landfall", message="%(prog)s %(version)s")
def main() -> None:
    """Land the extracts of operational systems in a lake and build the warehouse from them.

    \b
    Settings come from the environment: LANDFALL_LAKE (a directory or s3://bucket/prefix), LANDFALL_WAREHOUSE
    (the DuckDB file), LANDFALL_TARGET (duckdb, athena, redshift), LANDFALL_KEY or LANDFALL_KEY_SECRET (the
    pseudonym key). Exit codes: 0 success, 1 a dbt node failed, 2 settings, 3 an extract was refused, 4 landing failed,
    5 interrupted.
    """


@main.command()
@click.option("--source", help="Only the files of this source.")
@click.option(
    "--object",
    "object_key",
    metavar="KEY",
    help="Only this object: its path below the inbox, its key in the bucket, or its address.",
)
@click.option(
    "--extract-date",
    type=IsoMoment(),
    help="The date, or the moment, of DMS full loads, whose path has none.",
)
@click.option(
    "--dry-run", is_flag=True, help="Check everything and print the effect; write nothing."
)
@click.option(
    "--release",
    metavar="ID",
    help="Land this extract although it has far fewer rows than the last one, or none, or is of a day far ahead.",
)
@WAIT
@FORMAT
@command
def land(settings: Settings, style: str, wait_minutes: float, **words: Any) -> Finished:
    """Land the files of the inbox: check, convert, quarantine, commit, register.

    While a run works, this command does nothing and ends with exit code 0: the next landing takes the files.
    """
    context = lander.open_context(settings)
    wait = timedelta(minutes=wait_minutes)
    if not words["dry_run"] and (lease := in_the_way(context.store, context.clock, wait)):
        report.show(f"nothing done: {lease}", is_error=style == "json")
        return Finished()
    try:
        with report.progress("landing") as watch:
            outcomes = lander.land(context, progress=watch, **words)
    except LandingFailed as failed:
        if failed.outcomes:
            _show_outcomes(failed.outcomes, style, "")
        raise
    code = _show_outcomes(outcomes, style, "nothing in the inbox")
    code = _unknown_release(settings, words["release"], outcomes) or code
    return landing(settings, "land", outcomes, code)


@main.command()
@click.option(
    "--source", help="Only this source, with each refused or waiting file and the reason."
)
@click.option(
    "--html",
    "as_page",
    is_flag=True,
    help="Write the pages for people again, and print the path of the page of operations.",
)
@FORMAT
@command
def status(settings: Settings, style: str, source: str | None, as_page: bool) -> None:
    """Say whether anything is wrong and what to do; then each table: last extract, rows, quarantined rows."""
    from ingestion import pipeline  # no dbt unless a page is asked for

    if as_page:
        _show_pages(pipeline.make_pages_anew(settings), "operations.html")
        return
    context = lander.open_context(settings)
    found = lander.status(context, source)
    if style == "json":
        _show([*found.tables, *found.files], style, "")
        return
    late = pipeline.late_tables(context.project, found.loads, context.clock())
    late = [one for one in late if source is None or one.startswith(f"{source}.")]
    report.show_advice(lander.advice(found.tables, read_finding_codes(settings.project_dir), late))
    _show(found.tables, style, "no tables")
    if found.files:
        report.show("\n" + report.records_as_text(found.files, ""))


def _show_pages(first: str | None, name: str) -> None:
    """Print the path of a page, which is beside the first one."""
    place = first.removesuffix("index.html") + name if first else ""
    report.show(f"pages: {place}" if place else "no pages: the project has none")


@main.command()
@click.option(
    "--rows",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="How many rows of each table's newest load to search.",
)
@FORMAT
@command
def scan(settings: Settings, rows: int, style: str) -> None:
    """Search columns that are declared harmless for personal data; shows counts and columns, no value."""
    from ingestion import scan as scanner  # nothing else needs it

    found = scanner.scan(lander.open_context(settings), rows)
    _show(found, style, "nothing that looks like an identifier")


@main.command()
@click.argument("table", metavar="SOURCE.TABLE")
@click.option(
    "--load",
    "load_id",
    metavar="ID",
    help="This load, whatever its contract; by default all loads of another contract than today's.",
)
@FORMAT
@command
def reland(settings: Settings, table: str, load_id: str | None, style: str) -> Finished:
    """Land again from the archive, under today's contract."""
    outcomes = lander.reland(lander.open_context(settings), table, load_id)
    code = _show_outcomes(outcomes, style, "all loads were landed under today's contract")
    return landing(settings, "reland", outcomes, code)


@main.command()
@click.argument("table", metavar="SOURCE.TABLE")
@click.option("--load", "load_id", metavar="ID", required=True, help="The load to take back.")
@click.option("--reason", required=True, help="Why; it is kept with the load.")
@click.option(
    "--surplus",
    "is_surplus",
    is_flag=True,
    help="Nothing is missing without it; may be set later.",
)
@command
def retract(settings: Settings, table: str, load_id: str, reason: str, is_surplus: bool) -> None:
    """Take back a load: its rows leave the catalogue, and history is built again without it.

    Its day counts as missing until another delivery of it lands, unless it is surplus.
    """
    context = lander.open_context(settings)
    lander.retract(context, table, load_id, reason, is_surplus=is_surplus)
    report.show(f"retracted load {load_id} of {table}; the next run builds its history again")


@main.command()
@click.argument("object_key", metavar="OBJECT")
@click.option("--reason", required=True, help="Why; it is kept with the object.")
@click.option(
    "--surplus",
    "is_surplus",
    is_flag=True,
    help="Nothing is missing without it; may be set later, also for a discarded object.",
)
@command
def discard(settings: Settings, object_key: str, reason: str, is_surplus: bool) -> None:
    """Move an object of the inbox into the archive, whatever its state.

    Its day counts as missing until another delivery of it lands, unless it is surplus.
    """
    context = lander.open_context(settings)
    place = lander.discard(context, object_key, reason, is_surplus=is_surplus)
    report.show(f"discarded, and kept as {place}")


@main.command()
@click.argument("domain")
@click.option(
    "--reason", required=True, help="Why; it is kept with the act, and must not name the person."
)
@command
def forget(settings: Settings, domain: str, reason: str) -> int:
    """Remove a person from lake and warehouse for good; the identifier, as the source writes it, on standard input.

    DOMAIN is the pseudonym domain of the identifier in the contracts. The next run builds the warehouse without the
    person.
    """
    asked = sys.stdin.isatty()
    identifier = click.prompt("identifier", hide_input=True) if asked else sys.stdin.readline()
    context = lander.open_context(settings)
    done = lander.forget(context, domain, identifier, reason)
    report.show(report.outcomes_as_text(done.outcomes, "no load holds the person any more"))
    if done.discarded:
        report.show(
            f"{done.discarded} object(s) that had been discarded held the person and are gone"
        )
    for what in done.left:
        report.show(f"still there: {what}", is_error=True)
    for what in done.to_do:
        report.show(f"to do: {what}", is_error=True)
    if done.refused:
        return BadExtract.exit_code
    if done.left:
        return LandingFailed.exit_code
    report.show("the next run builds the warehouse without the person")
    return 0


@main.command()
@command
def register(settings: Settings) -> None:
    """Repair the catalogue from the manifests: databases, tables, partitions or views."""
    lander.register(lander.open_context(settings))
    report.show("the catalogue agrees with the manifests")


@main.command()
@click.argument("only", metavar="[SOURCE[.TABLE]]", required=False)
@click.option(
    "--bytes", "reads_all", is_flag=True, help="Read every object whole and compare its SHA-256."
)
@FORMAT
@command
def verify(settings: Settings, only: str | None, reads_all: bool, style: str) -> Finished:
    """Compare lake and catalogue with the manifests: name losses and damage, and the command that repairs each."""
    from ingestion import verify as verification  # only this command needs it

    findings = verification.verify(lander.open_context(settings), only, reads_all=reads_all)
    _show(findings, style, "everything is there")
    lost = [one for one in findings if one.severity == "lost"]
    damage = [(one.problem, one.where, one.repair) for one in lost]
    return Finished(
        LandingFailed.exit_code if lost else 0,
        lambda: [alerts.of_command("verify", 0), *alerts.of_damage(damage, only is None)],
        {"Damaged": len(lost)},
    )


@main.command()
@command
def access(settings: Settings) -> None:
    """Print the tag and the grants of Lake Formation as a CloudFormation template, made from the declaration."""
    from ingestion import pipeline  # dbt takes seconds to import

    report.show(json.dumps(pipeline.template(settings), indent=2))


@main.command()
@click.argument("source")
@click.argument("tables", metavar="[TABLE]...", nargs=-1)
@click.option(
    "--whole", is_flag=True, help="Read incremental tables whole, from before their watermark too."
)
@FORMAT
@command
def extract(
    settings: Settings, source: str, tables: tuple[str, ...], whole: bool, style: str
) -> int:
    """Read a live database into the inbox: all tables of SOURCE in one snapshot, or those named."""
    from ingestion import extract as live  # drivers of databases, which no other command needs

    with report.progress("extracting", counts=False) as watch:
        done = live.extract(
            lander.open_context(settings), source, tables, whole=whole, progress=watch
        )
    _show(done, style, "no tables")
    problems = [one.problem for one in done if one.problem]
    for problem in problems:
        report.show(f"BadSettings: {problem}", is_error=True)
    return BadSettings.exit_code if problems else 0


@main.command()
@click.argument("source")
@click.argument("names", metavar="[FILE|TABLE|MODEL]...", nargs=-1)
@click.option(
    "--from",
    "origin",
    flag_value="files",
    help="From these files: paths, or objects of the inbox. One that a contract claims gives the lines to accept it.",
)
@click.option(
    "--database",
    "origin",
    flag_value="database",
    help="From the source's live database: all of its tables, or those named.",
)
@click.option(
    "--staging",
    "origin",
    flag_value="staging",
    help="The staging models of the source's finished contract: all of its tables, or those named.",
)
@click.option(
    "--snapshot",
    "origin",
    flag_value="snapshot",
    help="Snapshots of the staging models that are named: patients is stg_SOURCE__patients.",
)
@click.option(
    "--mapping",
    "origin",
    flag_value="mapping",
    help="Mappings of a practice's system to the input layer: encounters=visits, for stg_SOURCE__visits.",
)
@click.option(
    "--measures",
    "origin",
    flag_value="measures",
    help="The measures of the source's staging models, which follow rows and money into the marts.",
)
@click.option(
    "--header/--no-header",
    default=None,
    help="Whether a file's first line names the columns, if its values do not show it.",
)
@click.option(
    "--skip-lines",
    type=click.IntRange(1, MAX_SKIP_LINES),
    help="How many lines are above the line that names a file's columns, if its values do not show it.",
)
@click.option("--values", "show_values", is_flag=True, help="Show the short lists of codes.")
@click.option(
    "--write",
    "writes",
    is_flag=True,
    help="Write the files into the project; replaces only a staging model that gets a base model.",
)
@command
def draft(
    settings: Settings,
    source: str,
    names: tuple[str, ...],
    origin: str | None,
    header: bool | None,
    skip_lines: int | None,
    show_values: bool,
    writes: bool,
) -> None:
    """Draft the contract of SOURCE, for a person to finish; or its staging models, snapshots and mappings.

    No value of a cell is shown, but the lists of --values.
    """
    from ingestion import drafting  # nothing else needs it

    if origin == "files" and names:
        if skip_lines and header is False:
            raise BadSettings("--skip-lines is for a file with a header: leave out --no-header")
        told = Told(True if skip_lines else header, skip_lines)
        drafts = [drafting.draft_files(settings, source, names, told, show_values)]
    elif origin == "database":
        drafts = [drafting.draft_database(settings, source, names, show_values=show_values)]
    elif origin == "staging":
        drafts = drafting.draft_staging(settings, source, names)
    elif origin == "snapshot" and names:
        drafts = drafting.draft_snapshots(settings, source, names)
    elif origin == "mapping" and names:
        drafts = drafting.draft_mappings(settings, source, names)
    elif origin == "measures" and not names:
        drafts = drafting.draft_measures(settings, source)
    else:
        raise BadSettings(
            "say what to draft: --from FILE…, --database, --staging, --snapshot MODEL…, --mapping ENTITY=MODEL…,"
            " or --measures alone"
        )
    for one in drafts:
        heading = f"# {one.path}\n" if len(drafts) > 1 else ""
        shown = heading + one.text.removesuffix("\n")
        report.show(f"wrote {drafting.write(one, settings.project_dir)}" if writes else shown)


@main.command()
@click.argument("source")
@click.argument("flows", metavar="[FLOW]...", nargs=-1)
@click.option(
    "--finished", is_flag=True, help="Start nothing; take the executions that ran by themselves."
)
@click.option(
    "--wait-minutes",
    type=Minutes(),
    default=60,
    show_default=True,
    help="How many minutes to wait.",
)
@FORMAT
@command
def pull(
    settings: Settings, source: str, flows: tuple[str, ...], style: str, **words: Any
) -> Finished:
    """Start the AppFlow flows of SOURCE (all, or those named), wait for them, and land their files."""
    from ingestion.extract import appflow

    context = lander.open_context(settings)
    with report.progress("pulling", counts=False) as watch:
        pulled = appflow.pull(context, source, flows, progress=watch, **words)
    outcomes = lander.land(context, source=source)
    code = _show_outcomes(outcomes, style, "nothing in the inbox")
    appflow.refuse_failed(pulled)
    return landing(settings, "pull", outcomes, code)


@main.command()
@click.option(
    "--as-of", type=IsoDate(), help="Build the warehouse as it was known at the end of this day."
)
@click.option(
    "--into",
    metavar="NAME",
    help="Build a warehouse of its own beside the published one (with --as-of).",
)
@click.option(
    "--full-refresh",
    is_flag=True,
    help="Build history and every table again from the raw extracts.",
)
@click.option(
    "--release",
    metavar="ID",
    help="Land this extract and take it into history although it has far fewer rows than before.",
)
@WAIT
@command
def run(settings: Settings, wait_minutes: float, **words: Any) -> Finished:
    """Land, take history, build, test, publish and document, in one process."""
    from ingestion import pipeline  # dbt takes seconds to import, and only this command needs it

    with report.progress("run") as watch:
        wait = timedelta(minutes=wait_minutes)
        done = pipeline.run(settings, watch=watch, wait=wait, **words)
    report.show(pipeline.summary(done))
    code = _unknown_release(settings, words["release"], done.outcomes) or done.exit_code
    return landing(settings, "run", done.outcomes, code).and_more(
        () if words["into"] else pipeline.conditions(done), pipeline.figures(done)
    )


@main.command("report")
@command
def report_pages(settings: Settings) -> None:
    """Write the pages for people again from the published warehouse; `run` writes them by itself."""
    from ingestion import pipeline  # dbt takes seconds to import

    _show_pages(pipeline.make_pages_anew(settings), "index.html")

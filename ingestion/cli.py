"""The command line: `python -m ingestion COMMAND`. This file reads words and prints; the work is done elsewhere."""

import signal
import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from typing import Any

import click

from ingestion import land as lander
from ingestion import report
from ingestion.errors import BadExtract, LandfallError, LandingFailed
from ingestion.logs import configure_logging
from ingestion.settings import Settings

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


def _command(function: Callable[..., int | None]) -> Callable[..., None]:
    """Run a command's body with the settings, and end with its exit code; each error is one line."""

    @wraps(function)
    def wrapped(**words: Any) -> None:
        """The command as click calls it; `wraps` gives it the help of what it wraps."""
        try:
            settings = Settings.from_environment()
            configure_logging(settings.log_format)
            code = function(settings, **words) or 0
        except LandfallError as error:
            click.echo(f"{type(error).__name__}: {error}", err=True)
            code = error.exit_code
        sys.exit(code)

    return wrapped


def _show_outcomes(outcomes: Sequence[lander.Outcome], style: str, empty: str) -> int:
    """Print what became of extracts; returns the exit code that it means."""
    if style == "table":
        click.echo(report.outcomes_as_text(outcomes, empty))
    elif outcomes:
        click.echo(report.outcomes_as_json(outcomes))
    return BadExtract.exit_code if any(outcome.counts_as_refused for outcome in outcomes) else 0


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Land the extracts of operational systems in a lake and build the warehouse from them.

    \b
    Settings come from the environment: LANDFALL_LAKE (a directory or s3://bucket/prefix), LANDFALL_WAREHOUSE
    (the DuckDB file), LANDFALL_TARGET (duckdb, athena, redshift), LANDFALL_KEY or LANDFALL_KEY_SECRET (the
    pseudonym key). Exit codes: 0 well, 1 a dbt node failed, 2 settings, 3 an extract was refused, 4 landing failed.
    """
    # what stops a container or a service is to give back the lease, as Ctrl-C does
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@main.command()
@click.option("--source", help="Only what this source delivered.")
@click.option(
    "--object",
    "object_key",
    metavar="KEY",
    help="Only this object: its path below the inbox, its key in the bucket, or its address.",
)
@click.option(
    "--extract-date", type=IsoDate(), help="The date of DMS full loads, whose path tells none."
)
@click.option(
    "--dry-run", is_flag=True, help="Check everything and say what would be done; write nothing."
)
@click.option(
    "--release",
    metavar="ID",
    help="Land this extract although it has far fewer rows than the last one, or none.",
)
@FORMAT
@_command
def land(settings: Settings, style: str, **words: Any) -> int:
    """Land what lies in the inbox: check, convert, quarantine, commit, register."""
    context = lander.open_context(settings)
    try:
        with report.progress("landing") as watch:
            outcomes = lander.land(context, progress=watch, **words)
    except LandingFailed as failed:
        if failed.outcomes:
            _show_outcomes(failed.outcomes, style, "")
        raise
    return _show_outcomes(outcomes, style, "nothing in the inbox")


@main.command()
@FORMAT
@_command
def status(settings: Settings, style: str) -> None:
    """Show each table: its last extract, rows, quarantined rows, refused and waiting extracts."""
    tables = lander.status(lander.open_context(settings))
    click.echo(
        report.records_as_json(tables)
        if style == "json"
        else report.records_as_text(tables, "no tables")
    )


@main.command()
@click.argument("table", metavar="SOURCE.TABLE")
@click.option(
    "--load",
    "load_id",
    metavar="ID",
    help="This load, whatever its contract; otherwise those of another contract than today's.",
)
@FORMAT
@_command
def reland(settings: Settings, table: str, load_id: str | None, style: str) -> int:
    """Land again from the archive, under today's contract."""
    outcomes = lander.reland(lander.open_context(settings), table, load_id)
    return _show_outcomes(outcomes, style, "all loads were landed under today's contract")


@main.command()
@click.argument("table", metavar="SOURCE.TABLE")
@click.option(
    "--load", "load_id", metavar="ID", required=True, help="The load that should not have been."
)
@click.option("--reason", required=True, help="Why; it is kept with the load.")
@_command
def retract(settings: Settings, table: str, load_id: str, reason: str) -> None:
    """Take a load back: its rows leave the catalogue, and history is built again without it."""
    lander.retract(lander.open_context(settings), table, load_id, reason)
    click.echo(f"retracted load {load_id} of {table}; the next run builds its history again")


@main.command()
@click.argument("object_key", metavar="OBJECT")
@click.option("--reason", required=True, help="Why; it is kept with the object.")
@_command
def discard(settings: Settings, object_key: str, reason: str) -> None:
    """Put a refused object of the inbox aside, into the archive."""
    place = lander.discard(lander.open_context(settings), object_key, reason)
    click.echo(f"put aside as {place}")


@main.command()
@_command
def register(settings: Settings) -> None:
    """Repair the catalogue from the manifests: databases, tables, partitions or views."""
    lander.register(lander.open_context(settings))
    click.echo("the catalogue agrees with the manifests")


@main.command()
@click.argument("source")
@click.argument("tables", metavar="[TABLE]...", nargs=-1)
@click.option(
    "--whole", is_flag=True, help="Read incremental tables whole, from before their watermark too."
)
@FORMAT
@_command
def extract(
    settings: Settings, source: str, tables: tuple[str, ...], whole: bool, style: str
) -> None:
    """Read a live database into the inbox: all tables of SOURCE in one snapshot, or those named."""
    from ingestion import extract as live  # drivers of databases, which no other command needs

    with report.progress("extracting", counts=False) as watch:
        done = live.extract(
            lander.open_context(settings), source, tables, whole=whole, progress=watch
        )
    click.echo(
        report.records_as_json(done)
        if style == "json"
        else report.records_as_text(done, "no tables")
    )


@main.command()
@click.argument("source")
@click.argument("flows", metavar="[FLOW]...", nargs=-1)
@click.option("--finished", is_flag=True, help="Start nothing; take what has run by itself.")
@click.option(
    "--wait-minutes", type=click.FloatRange(0), default=60, show_default=True, help="Wait so long."
)
@FORMAT
@_command
def pull(settings: Settings, source: str, flows: tuple[str, ...], style: str, **words: Any) -> int:
    """Start the AppFlow flows of SOURCE (all, or those named), wait for them, and land what they bring."""
    from ingestion import pull as appflow

    context = lander.open_context(settings)
    with report.progress("pulling", counts=False) as watch:
        pulled = appflow.pull(context, source, flows, progress=watch, **words)
    code = _show_outcomes(lander.land(context, source=source), style, "nothing in the inbox")
    appflow.refuse_failed(pulled)
    return code


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
    help="Land this extract, and take it into history, although it has far fewer rows than before.",
)
@_command
def run(settings: Settings, **words: Any) -> int:
    """Land, take history, build, test, publish and document, in one process."""
    from ingestion import pipeline  # dbt takes seconds to import, and only this command needs it

    with report.progress("run") as watch:
        done = pipeline.run(settings, watch=watch, **words)
    click.echo(pipeline.summary(done))
    return done.exit_code

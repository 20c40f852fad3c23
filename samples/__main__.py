"""`python -m samples`: write invented extracts below an inbox."""

import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from ingestion.errors import BadSettings
from samples.days import DEFAULT_START
from samples.practice import DEFAULT_HISTORY, DMS_TABLES, Options
from samples.sources import SOURCES
from samples.written import Written

DAY = click.DateTime(["%Y-%m-%d"])


def _first_day(start: datetime | None, end: datetime | None, days: int) -> date:
    if start is not None and end is not None:
        raise BadSettings("give --start or --end, not both")
    if end is not None:
        return end.date() - timedelta(days=days - 1)
    return start.date() if start is not None else DEFAULT_START


def _dms(text: str) -> tuple[str, ...]:
    return () if text == "none" else tuple(dict.fromkeys(text.split(",")))


@click.command()
@click.argument("outdir", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--source",
    "sources",
    type=click.Choice(list(SOURCES)),
    multiple=True,
    help="Only this one, and it may be said again; practice is clinic, billing and reviews.  [default: all]",
)
@click.option("--days", type=int, default=60, show_default=True, help="How many days of extracts.")
@click.option(
    "--patients", type=int, default=500, show_default=True, help="Patients on the first day."
)
@click.option(
    "--employees",
    type=int,
    default=25,
    show_default=True,
    help="Employees; one in six is a physician.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Another seed, another practice."
)
@click.option("--start", type=DAY, help=f"Date of the first extract.  [default: {DEFAULT_START}]")
@click.option("--end", type=DAY, help="Date of the last extract, instead of --start.")
@click.option(
    "--history",
    type=int,
    default=DEFAULT_HISTORY,
    show_default=True,
    help="Days lived before the first extract.",
)
@click.option(
    "--dms",
    default="employee",
    show_default=True,
    help=f"Tables that come by DMS (a full load, then changes), with commas: of {', '.join(DMS_TABLES)}; or none.",
)
@click.option(
    "--last", type=int, help="Write only the extracts of this many last days.  [default: all]"
)
@click.option(
    "--resume",
    is_flag=True,
    help="With --last: the days before were delivered; DMS sends changes only.",
)
@click.option("--clean", is_flag=True, help="Without the planted dirt.")
@click.option("--quiet", is_flag=True, help="Say nothing but the dirt.")
def main(
    outdir: Path,
    sources: tuple[str, ...],
    days: int,
    patients: int,
    employees: int,
    seed: int,
    start: datetime | None,
    end: datetime | None,
    history: int,
    dms: str,
    last: int | None,
    resume: bool,
    clean: bool,
    quiet: bool,
) -> None:
    """Write invented extracts of every source below OUTDIR, as the sources deliver them.

    Equal arguments give equal files, whichever other sources are written. The practice's extracts are
    whole tables: a large practice over many days takes much room, which --last limits to the newest days.
    """
    options = Options(
        days=days,
        patients=patients,
        employees=employees,
        seed=seed,
        start=_first_day(start, end, days),
        history=history,
        dms=_dms(dms),
        clean=clean,
        last=last,
        resume=resume,
    )
    for source in sources or SOURCES:
        written = SOURCES[source](outdir, options)
        if not quiet:
            _report(source, written)
        for dirt in written.dirt:
            click.echo(f"planted  {dirt}")


def _report(source: str, written: Written) -> None:
    dates = f"{written.dates[0]} to {written.dates[-1]}"
    size = f"{written.files:,} files, {written.bytes / 1e6:,.1f} MB"
    click.echo(f"{source}: {size}, extracts of {dates}")


def run() -> int:
    """Run the command; 0, or 2 (130 when interrupted) and one line on standard error."""
    try:
        main.main(prog_name="python -m samples", standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"samples: {error.format_message()}", err=True)
        return BadSettings.exit_code
    except click.Abort:
        click.echo("samples: stopped; the days written so far are whole", err=True)
        return 130
    except (BadSettings, OSError) as error:
        click.echo(f"samples: {error}", err=True)
        return BadSettings.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(run())

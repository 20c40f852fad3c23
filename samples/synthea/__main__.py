"""`python -m samples.synthea FOLDER`: write a population as Synthea's CSV export would lie there."""

import sys
from datetime import datetime
from pathlib import Path

import click

from samples.synthea import population, write


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--people", type=click.IntRange(1), default=30, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, other people.")
@click.option(
    "--end",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2026-06-30",
    show_default=True,
    help="The last day that they live.",
)
def main(folder: Path, people: int, seed: int, end: datetime) -> None:
    """Write invented people below FOLDER, in the format of Synthea's CSV export."""
    tables = population(people, seed, end.date())
    try:
        write(folder, tables)
    except OSError as error:
        raise click.ClickException(f"{folder}: {error.strerror}") from None
    for name, rows in tables.items():
        click.echo(f"{folder / name}.csv: {len(rows)} rows")


if __name__ == "__main__":
    sys.exit(main())

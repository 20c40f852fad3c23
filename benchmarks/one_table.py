"""One table's extract: the `run` that builds downstream of it, against a run that builds everything.

The lake of every source, the extract and its tests are the same; the file of the whole run has lost the record of what
it was built from. Counted is the time of the processor too, which says the same whatever else the machine does.
"""

import shutil
import tempfile
from pathlib import Path

import click
import duckdb

from benchmarks.daily_run import PARTS, Times, command, lenient_copy
from samples.practice import Options
from samples.sources import SOURCES

PAGES = "pages"


@click.command()
@click.option(
    "--tables",
    default="shop.products,billing.ledger,clinic.patient",
    show_default=True,
    help="Tables whose newest extract comes late, one after the other.",
)
@click.option("--days", default=30, show_default=True, help="Days of extracts.")
@click.option("--patients", default=500, show_default=True)
@click.option("--scratch", type=click.Path(path_type=Path), help="Where to put the lakes.")
def main(tables: str, days: int, patients: int, scratch: Path | None) -> None:
    """Time the run after one table's extract in both ways, and compare."""
    options = Options(days=days, seed=1, clean=True, patients=patients, employees=25)
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        folder = lenient_copy(Path(place) / "one", [*PARTS, PAGES])
        inbox = folder / "lake" / "inbox"
        for write in SOURCES.values():
            write(inbox, options)
        late = {name: _held_back(inbox, name) for name in tables.split(",")}
        command(folder, "run")
        for name, extract in late.items():
            few, all_of_it = _timed(folder, inbox, extract)
            print(
                f"{name}: {few.cpu:.1f} s of CPU, {few.wall:.1f} s in all; built whole {all_of_it.cpu:.1f} and"
                f" {all_of_it.wall:.1f}: {few.cpu / all_of_it.cpu:.2f} times the CPU"
            )


def _held_back(inbox: Path, name: str) -> Path:
    """Take the newest extract of a table out of the inbox; where it lies now."""
    source, _, table = name.partition(".")
    newest = max(inbox.glob(f"{source}/2*/{table}.csv"))
    aside = inbox.parent.parent / "later" / newest.relative_to(inbox)
    aside.parent.mkdir(parents=True, exist_ok=True)
    return newest.rename(aside)


def _timed(folder: Path, inbox: Path, extract: Path) -> tuple[Times, Times]:
    """Deliver an extract, and run: downstream of it; and all, in a copy that does not know what it was built from."""
    target = inbox / extract.relative_to(folder / "later")
    target.parent.mkdir(parents=True, exist_ok=True)
    extract.rename(target)
    whole = folder.with_name("whole")
    shutil.copytree(folder, whole)
    with duckdb.connect(str(whole / "warehouse.duckdb")) as connection:
        connection.execute("drop table raw_landfall.built_from")
    times = command(folder, "run"), command(whole, "run")
    shutil.rmtree(whole)
    return times


if __name__ == "__main__":
    main()

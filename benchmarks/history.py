"""History by its two ways: all days at once beside day by day, and a large table over a year."""

import tempfile
from pathlib import Path

import click

from benchmarks.children import Measured, measure
from benchmarks.clinic_days import write_days


@click.command()
@click.option("--days", default=1_000, show_default=True, help="Days of the small clinic.")
@click.option("--patients", default=500, show_default=True, help="Its patients.")
@click.option("--replayed", default=50, show_default=True, help="Days to replay one by one.")
@click.option("--large-days", default=365, show_default=True, help="Days of the large table.")
@click.option("--large-patients", default=50_000, show_default=True, help="Its patients.")
@click.option("--scratch", type=click.Path(path_type=Path), help="Where to put the lakes.")
def main(
    days: int,
    patients: int,
    replayed: int,
    large_days: int,
    large_patients: int,
    scratch: Path | None,
) -> None:
    """Backfill and replay, and say how they compare."""
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        replay = _measured(Path(place) / "replayed", patients, replayed, "replay")
        backfill = _measured(Path(place) / "small", patients, days, "backfill")
        scaled = replay.seconds * days / replayed
        print(
            f"{patients:,} patients x {days:,} days: backfill {backfill.seconds:.2f} s; replay of"
            f" {replayed} days {replay.seconds:.1f} s, of all {scaled:.0f} s:"
            f" {scaled / backfill.seconds:.0f} times as long"
        )
        large = _measured(Path(place) / "large", large_patients, large_days, "backfill")
        print(
            f"{large_patients:,} patients x {large_days} days: backfill {large.seconds:.1f} s,"
            f" {large.mebibytes:,.0f} MiB at most, versions {large.counts['versions']:,}"
        )


def _measured(folder: Path, patients: int, days: int, way: str) -> Measured:
    write_days(folder / "lake" / "inbox", patients, days)
    landed = measure("landing", "benchmarks.history_work", str(folder), "land")
    done = measure(way, "benchmarks.history_work", str(folder), way)
    assert landed and done
    return done


if __name__ == "__main__":
    main()

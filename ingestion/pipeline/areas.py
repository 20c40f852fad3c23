"""Which areas of marts a source feeds, by the seed that says so."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

AREAS = "seeds/areas.csv"


def areas_by_source(
    project_dir: Path, *, only_dated: bool = False
) -> Mapping[str, tuple[str, ...]]:
    """The areas that each source feeds, sorted; `only_dated` those whose as-of date it decides."""
    found: dict[str, set[str]] = defaultdict(set)
    with (project_dir / AREAS).open(newline="") as file:
        for row in csv.DictReader(file):
            if not only_dated or row["is_dated_by"] == "true":
                found[row["source_name"]].add(row["area"])
    return defaultdict(tuple, {source: tuple(sorted(areas)) for source, areas in found.items()})

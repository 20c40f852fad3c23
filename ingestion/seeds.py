"""The seeds that the warehouse and the lander both read: the areas of each source, and the action for each finding.

A project without one of them has none.
"""

import csv
import shlex
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

INBOX, ARCHIVE, DUE = "inbox", "archive", "due"
"""Places of findings in the messages of commands: refused, missing since a person took it out, late."""


@dataclass(frozen=True)
class FindingCodes:
    """The project's texts on findings, by place and code."""

    said: Mapping[tuple[str, str], str]

    def what_to_do(self, place: str, code: str) -> str:
        """What to do about a finding; empty where the project does not say."""
        return self.said.get((place, code), "")

    def about(self, place: str, code: str, source: str, file: str) -> str:
        """The same for a file, with its source and its name, quoted for a shell."""
        words = self.what_to_do(place, code)
        return words.replace("SOURCE", source).replace("FILE", shlex.quote(file))


def read_finding_codes(project: Path) -> FindingCodes:
    """The project's texts on findings."""
    rows = _rows(project, "finding_codes")
    return FindingCodes({(row["place"], row["finding"]): row["what_to_do"] for row in rows})


def areas_by_source(project: Path, *, only_dated: bool = False) -> Mapping[str, tuple[str, ...]]:
    """The areas of marts that each source feeds, sorted; `only_dated` those whose as-of date it decides."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows(project, "areas"):
        if not only_dated or row["is_dated_by"] == "true":
            found[row["source_name"]].add(row["area"])
    return defaultdict(tuple, {source: tuple(sorted(areas)) for source, areas in found.items()})


def _rows(project: Path, seed: str) -> list[dict[str, str]]:
    file = project / "seeds" / f"{seed}.csv"
    if not file.is_file():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))

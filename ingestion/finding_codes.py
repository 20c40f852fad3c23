"""What to do about each finding: the project's seed `finding_codes`, which the warehouse and its pages read too."""

import csv
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

INBOX, ARCHIVE, DUE = "inbox", "archive", "due"
"""Places of findings of which commands speak: refused, missing since a person took it out, late."""


@dataclass(frozen=True)
class FindingCodes:
    """What the project says of its findings, by place and code."""

    said: Mapping[tuple[str, str], str]

    def what_to_do(self, place: str, code: str) -> str:
        """What to do about a finding; empty where the project does not say."""
        return self.said.get((place, code), "")

    def about(self, place: str, code: str, source: str, file: str) -> str:
        """The same of a file, whose name and source are put in as a shell takes them."""
        words = self.what_to_do(place, code)
        return words.replace("SOURCE", source).replace("FILE", shlex.quote(file))


def read_finding_codes(project: Path) -> FindingCodes:
    """The project's words; none where it has no such seed."""
    file = project / "seeds" / "finding_codes.csv"
    if not file.is_file():
        return FindingCodes({})
    with file.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        return FindingCodes({(row["place"], row["finding"]): row["what_to_do"] for row in rows})

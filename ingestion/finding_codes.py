"""The action for each finding: the project's seed `finding_codes`, which the warehouse and its pages read too."""

import csv
import shlex
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
    """The project's texts; none if it has no such seed."""
    file = project / "seeds" / "finding_codes.csv"
    if not file.is_file():
        return FindingCodes({})
    with file.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        return FindingCodes({(row["place"], row["finding"]): row["what_to_do"] for row in rows})

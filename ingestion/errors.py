"""The three ways in which Landfall stops, each with its own exit code and one line to the user.

No message of these ever holds the value of a cell: only names of files, tables and columns, lines and codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingestion.land import Outcome


class LandfallError(Exception):
    """Root of everything that Landfall raises on purpose. `exit_code` is what the process returns."""

    exit_code = 1


class BadSettings(LandfallError):
    """The configuration is wrong: mend a setting, a contract or the command's words."""

    exit_code = 2


class BadExtract(LandfallError):
    """A whole extract is refused: mend the file. `code` is one of docs/guides/bad_inputs.md.

    `line` is the 1-based physical line and `column` the contract's or the header's column, where there is one.
    """

    exit_code = 3

    def __init__(
        self, code: str, line: int | None = None, column: str | None = None, detail: str = ""
    ) -> None:
        self.code, self.line, self.column, self.detail = code, line, column, detail
        place = [f"line {line}"] if line is not None else []
        place += [f"column {column}"] if column is not None else []
        super().__init__(
            " ".join(
                [
                    code,
                    *([f"at {', '.join(place)}"] if place else []),
                    *([f"({detail})"] if detail else []),
                ]
            )
        )


class LandingFailed(LandfallError):
    """Storage or catalogue did not answer: nothing of the extract at hand was committed, run it again.

    `outcomes` say what became of the extracts before it.
    """

    exit_code = 4

    def __init__(self, message: str, outcomes: Sequence[Outcome] = ()) -> None:
        self.outcomes = outcomes
        super().__init__(message)

"""The errors with which Landfall stops, each with its own exit code and one line to the user.

LandfallError          1  anything that is raised on purpose
├── DbtFailed          1  dbt could not do a whole command (ingestion/pipeline/dbt.py)
├── BadSettings        2  a setting, a contract or the command's words are wrong
├── BadExtract         3  an extract is refused
├── LandingFailed      4  storage or catalogue did not answer
│   ├── ReadDenied        an object may not be read (ingestion/store/base.py)
│   └── InUse             another process holds the DuckDB file (ingestion/catalog/duck_file.py)
└── Interrupted        5  Ctrl-C or SIGTERM

No message of these ever holds the value of a cell: only names of files, tables and columns, lines and codes.
"""

from collections.abc import Sequence

from ingestion.codes import Code
from ingestion.outcome import Outcome, place_of


class LandfallError(Exception):
    """Root of everything that Landfall raises on purpose. `exit_code` is what the process returns."""

    exit_code = 1


class BadSettings(LandfallError):
    """The configuration is wrong: correct a setting, a contract or the command's words."""

    exit_code = 2


class BadExtract(LandfallError):
    """A whole extract is refused: correct the file. docs/guides/bad_inputs.md explains each `code`.

    `line` is the 1-based physical line and `column` the contract's or the header's column, where there is one.
    `rows_in` and `quarantined` count the rows that were read before it.
    """

    exit_code = 3

    def __init__(
        self, code: Code, line: int | None = None, column: str | None = None, detail: str = ""
    ) -> None:
        self.code, self.line, self.column, self.detail = code, line, column, detail
        self.rows_in = self.quarantined = 0
        place = place_of(line, column)
        words = [code, f"at {place}" if place else "", f"({detail})" if detail else ""]
        super().__init__(" ".join(filter(None, words)))


class LandingFailed(LandfallError):
    """Storage or catalogue did not answer: nothing of the extract at hand was committed, run it again.

    `outcomes` are the outcomes of the extracts before it.
    """

    exit_code = 4

    def __init__(self, message: str, outcomes: Sequence[Outcome] = ()) -> None:
        self.outcomes = outcomes
        super().__init__(message)


class Interrupted(LandfallError):
    """Ctrl-C or SIGTERM ended the command: nothing was published, leases are given back, run it again.

    Only the command line raises it, from a KeyboardInterrupt that has passed through everything else.
    """

    exit_code = 5

"""A refusal: Redshift's text and the SQLSTATE."""

from __future__ import annotations

SYNTAX_ERROR = "42601"
UNSUPPORTED = "0A000"
NO_SUCH_FUNCTION = "42883"
NO_SUCH_TYPE = "42704"
TOO_LONG = "22023"


class Refused(Exception):
    """Redshift does not take the statement; `message` is its error, `state` the SQLSTATE."""

    def __init__(self, message: str, state: str = UNSUPPORTED) -> None:
        super().__init__(message)
        self.message, self.state = message, state

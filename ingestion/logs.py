"""Logging of the process: the standard library's, to standard error, structured when LANDFALL_LOG=json."""

import json
import logging
import sys


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        return json.dumps(
            {
                "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": record.getMessage(),
            }
        )


def configure_logging(style: str) -> None:
    """Show Landfall's own messages from `info` on when `style` is json, else warnings only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter() if style == "json" else logging.Formatter("%(levelname)s %(message)s")
    )
    logger = logging.getLogger("ingestion")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO if style == "json" else logging.WARNING)
    logger.propagate = False

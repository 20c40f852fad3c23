"""Cheaper forms of what dbt's adapters for AWS and Redshift repeat for each node.

- dbt-athena makes new clients of AWS for each node, and botocore reads the description of a service for each: two
  fifths of the time that dbt itself takes on the stand-in. Here a client serves all that ask for one like it.
- dbt-redshift makes a connection for each node, and its driver looks up the source of every frame to name the program.
  It also splits each statement into tokens, to see whether it holds two. Together a third of dbt's time there.
"""

import inspect
import os
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

from botocore.session import Session


def shared(make: Callable[..., Any]) -> Callable[..., Any]:
    """`Session.create_client` with one client for all sessions of the same settings: clients are safe for threads."""
    made: dict[str, Any] = {}
    lock = threading.Lock()

    def create_client(self: Session, service_name: str, **named: Any) -> Any:
        """The client; made once for each service, credentials, options and environment."""
        config = getattr(named.get("config"), "_user_provided_options", None)
        credentials = self.get_credentials()
        about: list[Any] = [service_name, credentials and credentials.access_key]
        about += sorted((named | {"config": config}).items())
        about += sorted(pair for pair in os.environ.items() if pair[0].startswith("AWS_"))
        with lock:
            if repr(about) not in made:
                made[repr(about)] = make(self, service_name, **named)
            return made[repr(about)]

    return create_client


def stack(context: int = 0) -> list[inspect.FrameInfo]:
    """`inspect.stack()` without the source of each frame."""
    frames = traceback.walk_stack(sys._getframe(1))
    return [
        inspect.FrameInfo(frame, frame.f_code.co_filename, line, frame.f_code.co_name, None, None)
        for frame, line in frames
    ]


def cut(split: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """`sqlparse.split`, which parses only statements with a semicolon."""

    def statements(sql: str, *words: Any, **named: Any) -> list[str]:
        """What it gives."""
        return split(sql, *words, **named) if ";" in sql else [sql.strip()] if sql.strip() else []

    return statements

"""`python -m tools.quick MODULE WORD…`: a module as the main program, without work that tests would repeat.

- dbt-athena makes new clients of AWS for each node, and botocore reads the description of a service for each: two
  fifths of the time that dbt itself takes on the stand-in. Here a client serves all that ask for one like it.
- dbt-redshift makes a connection for each node, and its driver looks up the source of every frame to name the program;
  and it cuts each statement into tokens to see whether it is two. Together a third of dbt's time there.
- For each node, and for each macro that an adapter runs by itself, dbt makes an object for every macro of the project,
  by three calls. With that, with looking for circles in what it keeps, and with events that no one listens to, it
  spends a quarter of a run on DuckDB.
- dbt parses a whole project again where the database has another address, as models could read it. No model of ours
  does, so a copy of the project can begin from the parse that `tools.project` keeps for all copies.

The program's results are the same. With RECORD_CALLS_INTO in the environment its calls of AWS are added to that file.
"""

import gc
import inspect
import os
import runpy
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import sqlparse
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


HEARD = {"NodeFinished"}
"""The detailed messages of dbt that a callback takes. Who listens for another one adds it."""


def spare_dbt_work() -> None:
    """Let dbt make the objects for macros by one call each, no message that nothing takes, and no needless parse."""
    from dbt_common.clients.jinja import CallableMacroGenerator
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager

    def assign(
        self: Any, macro: Any, context: Any = None, node: Any = None, stack: Any = None
    ) -> None:
        """What the three constructors do."""
        self.context, self.macro, self.node, self.stack = context, macro, node, stack

    def flatten(cls: type) -> None:
        """Of the class that dbt makes the objects of, once it is there."""
        if cls.__name__ == "MacroGenerator":
            cls.__init__ = assign  # type: ignore[misc]

    fire = EventManager.fire_event

    def fire_event(
        self: EventManager, e: Any, level: Any = None, *words: Any, **named: Any
    ) -> None:
        """What it does, for an event that a log or a callback of ours may take."""
        is_silent = not self.loggers and (level or e.level_tag()) == EventLevel.DEBUG
        if not is_silent or type(e).__name__ in HEARD:
            fire(self, e, level, *words, **named)

    # not imported here: with it multiprocessing registers what it does at the end before ingestion does
    CallableMacroGenerator.__init_subclass__ = classmethod(flatten)  # type: ignore[assignment]
    for known in CallableMacroGenerator.__subclasses__():
        flatten(known)
    EventManager.fire_event = fire_event  # type: ignore[method-assign]
    _parse_for_any_address()


def _parse_for_any_address() -> None:
    """Let dbt take over what it parsed for a database of the same name at another address.

    dbt compares what `connection_info` gives, and asks it with aliases for what models may see.
    """
    from dbt.adapters.contracts.connection import Credentials

    whole = Credentials.connection_info

    def names(self: Credentials, *, with_aliases: bool = False) -> Iterable[tuple[str, Any]]:
        """The names that a parse depends on; everything for the models."""
        told = whole(self, with_aliases=with_aliases)
        return (
            told if with_aliases else [pair for pair in told if pair[0] in ("database", "schema")]
        )

    Credentials.connection_info = names


def main() -> None:
    """Run the module."""
    if file := os.environ.get("RECORD_CALLS_INTO"):
        from tools.standins.calls import record_into

        record_into(Path(file))
    Session.create_client = shared(Session.create_client)  # type: ignore[method-assign]
    module, words = sys.argv[1], sys.argv[2:]
    if module.startswith("dbt") or words[:1] == ["run"]:
        gc.disable()
        spare_dbt_work()
        if os.environ.get("LANDFALL_TARGET") == "redshift":
            inspect.stack, sqlparse.split = stack, cut(sqlparse.split)
    sys.modules.pop(module, None)  # else Python warns that it will be loaded twice
    del sys.argv[0]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

"""What dbt does again for each command, though it comes to the same; what it does for each node is in `nodes.py`.

- It fills the message of each event, though most are for a detailed log that nobody has asked for.
- It parses a whole project again where the database has another address, as models could read it. No model of ours
  does, so a copy of the project can begin from the parse that `tools.project` keeps for all copies.
- It looks for circles in the graph of the project, which has none, and writes the graph for who improves dbt.
- It writes its files of JSON by Python's slow writer.

With what is in `nodes.py` more than half of a run on DuckDB.
"""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tools.quick import nodes
from tools.quick.imports import once_imported

HEARD = {"NodeFinished"}
"""The detailed messages of dbt that a callback takes. Who listens for another one adds it."""

NO_TESTS_OF_COLUMNS = {"LEAVE_OUT_TESTS": "not_null unique accepted_values relationships"}
"""What to add to an environment in which no run makes dbt's own tests of single columns: six of seven tests."""

_is_spared = False


def spare_dbt_work() -> None:
    """Let dbt do once, or not at all, what this module names; a second call changes nothing."""
    global _is_spared
    if not _is_spared:
        _is_spared = True
        # not imported here: with it multiprocessing registers what it does at the end before ingestion does
        once_imported("dbt.context.macros", nodes.make_macros_by_one_call)
        once_imported("dbt.adapters.base.impl", nodes.share_contexts_of_macros)
        once_imported("dbt.compilation", _keep_the_graph_unread)
        once_imported("dbt.graph.selector", _leave_out_tests)
        nodes.compile_a_text_once()
        nodes.guess_types_by_one()
        _fill_events_that_are_read()
        _parse_for_any_address()
        _write_json_at_once()


def _fill_events_that_are_read() -> None:
    """Fire no event that no log and no callback of ours takes, and fill the message of another once it is read."""
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    fill: Callable[..., None] = BaseEvent.__init__
    read: Callable[..., Any] = BaseEvent.__getattr__
    fire = EventManager.fire_event

    def keep(self: BaseEvent, *words: Any, **named: Any) -> None:
        """The arguments alone."""
        self.__dict__["kept"] = words, named

    def read_filled(self: BaseEvent, key: str) -> Any:
        """A part of the message."""
        if kept := self.__dict__.pop("kept", None):
            fill(self, *kept[0], **kept[1])
        return read(self, key)

    def fire_event(
        self: EventManager, e: Any, level: Any = None, *words: Any, **named: Any
    ) -> None:
        """What it does, for an event that a log or a callback of ours may take."""
        is_silent = not self.loggers and (level or e.level_tag()) == EventLevel.DEBUG
        if not is_silent or type(e).__name__ in HEARD:
            fire(self, e, level, *words, **named)

    BaseEvent.__init__, BaseEvent.__getattr__ = keep, read_filled  # type: ignore[method-assign]
    EventManager.fire_event = fire_event  # type: ignore[method-assign]


def _leave_out_tests(selector: Any) -> None:
    """Let no selection hold a generic test that LEAVE_OUT_TESTS names. A default selector would not do: dbt forgets it
    where a command says `--select` or `--exclude`."""
    filter_selection = selector.NodeSelector.filter_selection

    def without_tests(self: Any, selected: set[str]) -> set[str]:
        """What is left of a selection."""
        found: set[str] = filter_selection(self, selected)
        names = os.environ.get("LEAVE_OUT_TESTS", "").split()
        return {one for one in found if not is_left_out(self, one, names)} if names else found

    def is_left_out(self: Any, one: str, names: list[str]) -> bool:
        """Whether the node is such a test."""
        about = getattr(self.manifest.nodes.get(one), "test_metadata", None)
        return about is not None and about.name in names

    selector.NodeSelector.filter_selection = without_tests


def _keep_the_graph_unread(compilation: Any) -> None:
    """In the module `dbt.compilation`: neither look for circles nor write the graph and its summary."""
    linker = compilation.Linker
    linker.find_cycles = lambda self: None
    linker.write_graph = lambda self, outfile, manifest: None
    linker.get_graph_summary = lambda self, manifest: {}


def _write_json_at_once() -> None:
    """Make the text of a file as a whole, in C."""
    from dbt_common.clients import system
    from dbt_common.utils.encoding import JSONEncoder

    def write_json(path: str, data: dict[str, Any]) -> bool:
        """As it does, but for how."""
        text = json.dumps(data, cls=JSONEncoder)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
        return True

    system.write_json = write_json


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

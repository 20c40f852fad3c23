"""What dbt does again for each node and in each process, though it comes to the same.

- For each node, and for each macro that an adapter runs by itself, dbt makes an object for every macro of the project
  by three calls, and then asks four dictionaries for each name.
- It fills the message of each event, though most are for a detailed log that nobody has asked for.
- It compiles the Jinja text of each model and test, and of each argument of a test, in each process anew.
- For each result it makes what guesses the types of its cells, whose parsers of dates know twenty languages.
- It parses a whole project again where the database has another address, as models could read it. No model of ours
  does, so a copy of the project can begin from the parse that `tools.project` keeps for all copies.

Together more than two fifths of a run on DuckDB.
"""

import hashlib
import marshal
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

from tools.quick.imports import once_imported

TEMPLATES = Path(__file__).resolve().parents[2] / ".cache" / "templates"
"""Compiled Jinja, by the hash of its text and of all that compiles it."""

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
        once_imported("dbt.context.macros", _make_macros_by_one_call)
        _fill_events_that_are_read()
        _compile_a_text_once()
        _guess_types_by_one()
        if named := os.environ.get("LEAVE_OUT_TESTS"):
            once_imported("dbt.graph.selector", partial(_leave_out_tests, named.split()))
        _parse_for_any_address()


class _Namespace(dict[str, Any]):
    """dbt's `MacroNamespace`: what a node may call, by name, and the macros of each package below the package's."""

    def __init__(self, packages: dict[str, dict[str, Any]], internal: dict[str, Any]) -> None:
        super().__init__(internal | {"dbt": internal} | packages)
        self._packages = packages | {"dbt": internal}

    def get_from_package(self, package_name: str | None, name: str) -> Any:
        """The macro, or None. Raises dbt's error for an unknown package."""
        from dbt.exceptions import PackageNotFoundForMacroError

        if package_name is None:
            return self.get(name)
        if package_name not in self._packages:
            raise PackageNotFoundForMacroError(package_name)
        return self._packages[package_name].get(name)


def _make_macros_by_one_call(macros: Any) -> None:
    """In the module `dbt.context.macros`."""

    def assign(
        self: Any, macro: Any, context: Any = None, node: Any = None, stack: Any = None
    ) -> None:
        """What the three constructors do."""
        self.context, self.macro, self.node, self.stack = context, macro, node, stack

    def build_namespace(
        self: Any, macros_by_package: Mapping[str, Mapping[str, Any]], ctx: dict[str, Any]
    ) -> _Namespace:
        """The macros of a node's package hide those of the root package, and these the engine's own."""
        made = {
            package: {
                name: macros.MacroGenerator(macro, ctx, self.node, self.thread_ctx)
                for name, macro in named.items()
            }
            for package, named in macros_by_package.items()
        }
        internal: dict[str, Any] = {}
        for package in reversed(self.internal_package_names_order):
            internal |= made.pop(package, {})
        found = _Namespace(made, internal)
        for package in (self.root_package, self.search_package):
            found.update(made.get(package, {}))
        return found

    macros.MacroGenerator.__init__ = assign
    macros.MacroNamespaceBuilder.build_namespace = build_namespace


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


def _compile_a_text_once() -> None:
    """Keep the code of each Jinja text in memory, and in a file for other processes."""
    from dbt_common.clients.jinja import MacroFuzzEnvironment

    compile_anew: Callable[..., CodeType] = MacroFuzzEnvironment.compile
    by = f"{version('jinja2')} {version('dbt-common')} {version('dbt-core')}"
    known: dict[tuple[type, str], CodeType] = {}

    def compile_once(
        self: MacroFuzzEnvironment, source: Any, *words: Any, **named: Any
    ) -> CodeType:
        """The code of a text without a name."""
        if words or named or not isinstance(source, str):
            return compile_anew(self, source, *words, **named)
        key = type(self), source
        if key not in known:
            hashed = hashlib.sha256(f"{by} {key[0].__name__}\0{source}".encode())
            known[key] = _kept(hashed.hexdigest(), lambda: compile_anew(self, source))
        return known[key]

    MacroFuzzEnvironment.compile = compile_once  # type: ignore[assignment,method-assign]


def _kept(name: str, make: Callable[[], CodeType]) -> CodeType:
    """The code in the file of this name, which is made when it is not there."""
    file = TEMPLATES / name
    try:
        code: CodeType = marshal.loads(file.read_bytes())
    except (OSError, ValueError, EOFError):
        code = make()
        TEMPLATES.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        new.write_bytes(marshal.dumps(code))
        new.replace(file)
    return code


def _guess_types_by_one() -> None:
    """Take one tester of types for all results of the same columns; it keeps nothing of what it has seen."""
    from dbt_common.clients import agate_helper

    make = cache(agate_helper.build_type_tester)

    def build_type_tester(
        text_columns: Iterable[str], string_null_values: Iterable[str] | None = ("null", "")
    ) -> Any:
        """The tester."""
        return make(
            tuple(text_columns), None if string_null_values is None else tuple(string_null_values)
        )

    agate_helper.build_type_tester = build_type_tester


def _leave_out_tests(names: Sequence[str], selector: Any) -> None:
    """Let no selection hold a generic test of these names. A default selector would not do: dbt forgets it where a
    command says `--select` or `--exclude`."""
    filter_selection = selector.NodeSelector.filter_selection

    def without_tests(self: Any, selected: set[str]) -> set[str]:
        """What is left of a selection."""
        return {one for one in filter_selection(self, selected) if not is_left_out(self, one)}

    def is_left_out(self: Any, one: str) -> bool:
        """Whether the node is such a test."""
        about = getattr(self.manifest.nodes.get(one), "test_metadata", None)
        return about is not None and about.name in names

    selector.NodeSelector.filter_selection = without_tests


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

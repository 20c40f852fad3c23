"""What dbt does again for each node, though it comes to the same.

- For each node, and for each macro that an adapter runs by itself, dbt makes an object for every macro of the project
  by three calls, and then asks four dictionaries for each name.
- It compiles the Jinja text of each model and test, and of each argument of a test, in each process anew.
- For each result, an empty one too, it makes what guesses the types of its cells, whose parsers of dates know twenty
  languages.
"""

import hashlib
import marshal
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

TEMPLATES = Path(__file__).resolve().parents[2] / ".cache" / "templates"
"""Compiled Jinja, by the hash of its text and of all that compiles it."""


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


def make_macros_by_one_call(macros: Any) -> None:
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


def share_contexts_of_macros(adapters: Any) -> None:
    """In the module `dbt.adapters.base.impl`: let the macros that an adapter runs by itself in a thread have one
    context, as they belong to no node."""
    take: Callable[..., None] = adapters.BaseAdapter.set_macro_context_generator

    def set_shared(self: Any, make: Callable[..., dict[str, Any]]) -> None:
        """Keep what is made for each thread, project and package as long as the adapter has this way to make it."""
        kept = threading.local()

        def context_of(
            macro: Any, config: Any, resolver: Any, package: str | None
        ) -> dict[str, Any]:
            """A copy, which a caller may add to."""
            known: dict[Any, tuple[Any, dict[str, Any]]] = kept.__dict__
            key = f"{id(resolver)} {package}"
            if key not in known:
                known[key] = resolver, make(macro, config, resolver, package)
            return dict(known[key][1])

        take(self, context_of)

    adapters.BaseAdapter.set_macro_context_generator = set_shared


def compile_a_text_once() -> None:
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


def guess_types_by_one() -> None:
    """Take one tester of types for all results of the same columns, as it keeps nothing of what it has seen; and one
    empty table."""
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
    agate_helper.empty_table = cache(agate_helper.empty_table)

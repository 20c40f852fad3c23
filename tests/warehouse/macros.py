"""Macros called one by one, by dbt's own Jinja: what an engine would be sent need not be sent."""

import re
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from dbt_common.clients.jinja import CallableMacroGenerator
from dbt_common.exceptions.macros import MacroReturn

from tools.project import ROOT

MACRO = re.compile(r"\{% macro (\w+)\(.*?\{%-? endmacro %\}", re.DOTALL)


def macros_of(paths: Iterable[str | Path], given: dict[str, Any]) -> dict[str, Any]:
    """The macros of these files below `macros/`, to be called by name, beside `given`: what dbt would give them."""
    known = {**given, "return": _returned}
    for path in paths:
        for text in MACRO.finditer((ROOT / "macros" / path).read_text()):
            macro = SimpleNamespace(name=text[1], unique_id=text[1], macro_sql=text[0])
            known[macro.name] = CallableMacroGenerator(macro, known)
    return known


def _returned(value: Any) -> None:
    raise MacroReturn(value)

"""Benchmarks run by hand and not in any test: here each is loaded, and takes the words that the documents give it."""

import re
from importlib import import_module

import click
import pytest

from tools.project import ROOT

MODULES = sorted(
    path.stem for path in (ROOT / "benchmarks").glob("*.py") if not path.stem.startswith("__")
)
PLACES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks/RESULTS.md"]
COMMAND_LINE = re.compile(r"python -m benchmarks\.(\w+)([^`\n]*)")
IN_THE_DOCUMENTS = sorted(
    {found for path in PLACES for found in COMMAND_LINE.findall(path.read_text())}
)


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_loads_and_explains_itself(name: str) -> None:
    module = import_module(f"benchmarks.{name}")
    assert module.__doc__
    command = getattr(module, "main", None)
    if isinstance(command, click.Command):
        assert command.help and "--help" in command.get_help(click.Context(command))


@pytest.mark.parametrize(("name", "words"), IN_THE_DOCUMENTS)
def test_a_benchmark_takes_the_words_of_the_documents(name: str, words: str) -> None:
    """They are parsed, and nothing is measured."""
    command = import_module(f"benchmarks.{name}").main
    if isinstance(command, click.Command):
        command.make_context(name, words.split())
    else:
        assert words == ""

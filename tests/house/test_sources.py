"""A source is a contract and its models: the lander knows none of them by name."""

import ast
import re
from collections.abc import Iterator

from tests.project import ROOT

SOURCES = {path.name for path in (ROOT / "models" / "staging").iterdir()} - {"landfall"}


def said(tree: ast.Module) -> Iterator[str]:
    """Every text and name of a module's code, docstrings left out."""
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield "" if id(node) in documented else node.value
        elif isinstance(node, ast.Name | ast.Attribute):
            yield node.id if isinstance(node, ast.Name) else node.attr


def test_no_code_of_the_lander_names_a_source() -> None:
    assert {"clinic", "inventory", "shop"} <= SOURCES
    word = re.compile(rf"(?<![a-z])({'|'.join(SOURCES)})(?![a-z])", re.IGNORECASE)
    naming = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in (ROOT / "ingestion").rglob("*.py")
        for text in [path.stem, *said(ast.parse(path.read_text()))]
        if word.search(text)
    }
    assert naming == set()

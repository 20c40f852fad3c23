"""A source is a contract and its models: the lander knows none of them by name."""

import ast
import json
import re
from collections.abc import Iterator

from ingestion.contract import read_project
from tools.project import ROOT, compiled_for

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


def test_a_table_must_be_as_fresh_for_the_lander_as_for_dbt() -> None:
    manifest = json.loads((compiled_for("duckdb").parents[1] / "manifest.json").read_text())
    asked = {
        f"{source['source_name']}.{source['name']}": {
            limit: source["freshness"][limit] if source["freshness"][limit]["count"] else None
            for limit in ("warn_after", "error_after")
        }
        for source in manifest["sources"].values()
        if source["freshness"] and source["source_name"] != "landfall"
    }
    read = {
        table.full_name: table.freshness.model_dump()
        for table in read_project(ROOT)
        if table.freshness
    }
    assert read == asked


def test_the_guide_to_practice_systems_names_every_column_that_a_view_can_have() -> None:
    """One in italics may be left out."""
    guide = (ROOT / "docs/guides/practice_systems.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (`.*|\*`.*) \|$", guide, re.MULTILINE)
    told = {view: re.findall(r"(\*?)`(\w+)`", columns) for view, columns in rows}
    assert told == {
        table.name: [("*" if column.optional else "", column.file_name) for column in table.columns]
        for table in read_project(ROOT)
        if table.source in ("clinic", "billing")
    }

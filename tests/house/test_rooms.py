"""The rooms of `ingestion/`: imports follow the flow, and a package is entered by its front door alone."""

import ast
import graphlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ingestion"
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """The package below `ingestion` to which a module belongs, or the module itself."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Each `from ingestion… import …` of a module: the module named, and the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ingestion":
            yield node.module or "", [alias.name for alias in node.names]


def test_imports_of_modules_run_in_no_circle() -> None:
    needed: dict[str, set[str]] = defaultdict(set)
    for path in MODULES:
        dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for module, names in imports(path):
            for name in names:
                inner = f"{module}.{name}"
                is_module = (ROOT / inner.replace(".", "/")).with_suffix(".py").exists()
                needed[dotted].add(inner if is_module else module)
    graphlib.TopologicalSorter(needed).prepare()


def test_imports_of_rooms_run_in_no_circle() -> None:
    needed: dict[str, set[str]] = defaultdict(set)
    for path in MODULES:
        for module, names in imports(path):
            rooms = [module.split(".")[1]] if "." in module else names
            needed[room_of(path)].update(set(rooms) - {room_of(path)})
    graphlib.TopologicalSorter(needed).prepare()


LOADED_LATE = ("ingestion.catalog.glue", "ingestion.store.s3", "ingestion.extract.appflow")
"""Modules that need boto3, which takes long to load: they are imported where they are used, by their own names."""


def test_other_packages_take_only_what_a_package_exports() -> None:
    by_the_back_door = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in MODULES
        for module, _ in imports(path)
        if module.count(".") > 1
        and module.split(".")[1] != room_of(path)
        and module not in LOADED_LATE
    ]
    assert by_the_back_door == []

"""What is new since the published warehouse was built, and which nodes of dbt's graph it changes.

A node is built again when a relation that it reads has changed, and a test runs again when a relation that it tests has
changed. dbt's graph alone would rebuild everything after each load, because nearly all nodes read the tables of
`raw_landfall`. Four rules tell which of these edges carry a change (docs/decisions/built_downstream_of_loads.md):

- A raw table changes when its loads are others than those that the warehouse was built from.
- What Landfall says of loads, refusals and runs always changes. A staging model, a snapshot, or a model of an area
  reads of it only what concerns the raw tables upstream of it, so it changes with these alone.
- The as-of date of an area changes when a source that dates the area has another newest extract. A model of an area
  reads the date of that area.
- A view is not built again, because its text has not changed. Its readers may have to be.

A test that only warns is always run: each run tells all warnings.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.contract import BASE
from ingestion.outcome import named
from ingestion.pipeline.state import LOADS_OF, NEWEST_OF, PROJECT, State
from ingestion.seeds import areas_by_source

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

LANDFALL = "landfall"
"""The source, and the folder of base and staging models, with what Landfall says of its loads."""

AS_OF_DATES = "int_as_of_dates"
"""The model with the as-of date of each area."""

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class News:
    """What has changed since a warehouse was built by the same project.

    `tables` (source.table) have other loads, and `areas` may have another as-of date.
    """

    tables: frozenset[str]
    areas: frozenset[str]

    @property
    def in_words(self) -> str:
        """The tables below which a run builds, for its summary."""
        if not self.tables:
            return "no table has new loads"
        return f"downstream of {named(sorted(self.tables), _SHOWN)}"


def changed_parts(built_from: State, *states: State) -> set[str]:
    """The parts that differ between the record of a warehouse and any of these states."""
    return {
        part
        for state in states
        for part in built_from.keys() | state.keys()
        if built_from.get(part) != state.get(part)
    }


def news_of(changed: Collection[str], project_dir: Path) -> News | None:
    """What these parts of a state mean; None where everything is to be built."""
    if PROJECT in changed:
        return None
    sources = {part.removeprefix(NEWEST_OF) for part in changed if part.startswith(NEWEST_OF)}
    dated = areas_by_source(project_dir, only_dated=True)
    tables = {part.removeprefix(LOADS_OF) for part in changed if part.startswith(LOADS_OF)}
    areas = {area for source in sources for area in dated[source]}
    return News(tables=frozenset(tables), areas=frozenset(areas))


def nodes_to_build(manifest: "Manifest", news: News, project_dir: Path) -> set[str]:
    """The unique ids of the models, snapshots and tests that a run with these news builds and runs."""
    areas = {area for found in areas_by_source(project_dir).values() for area in found}
    return _Graph(manifest, areas).to_build(news)


class _Graph:
    """dbt's graph, with the rules of this module on its edges."""

    def __init__(self, manifest: "Manifest", areas: Collection[str]) -> None:
        self._nodes: Mapping[str, Any] = {**manifest.sources, **manifest.nodes}
        self._areas = areas

    def to_build(self, news: News) -> set[str]:
        """See nodes_to_build."""
        changed = self._changed(news)
        tables = {name for name in changed if _is_table(self._nodes[name])}
        tests = {name for name, node in self._nodes.items() if node.resource_type == "test"}
        return tables | {name for name in tests if self._is_to_be_run(name, changed)}

    def _is_to_be_run(self, data_test: str, changed: set[str]) -> bool:
        node = self._nodes[data_test]
        return _only_warns(node) or not changed.isdisjoint(parents_of(node))

    def _changed(self, news: News) -> set[str]:
        """The relations whose rows may differ."""
        found = {name for name, node in self._nodes.items() if _has_changed_itself(node, news)}
        left = list(found)
        while left:
            parent = left.pop()
            for child in self._children[parent] - found:
                if self._carries(parent, child, news):
                    found.add(child)
                    left.append(child)
        return found

    def _carries(self, parent: str, child: str, news: News) -> bool:
        """Whether a change of the parent may change the child."""
        reader, read = self._nodes[child], self._nodes[parent]
        if read.name == AS_OF_DATES:
            area = self._area(reader)
            return area in news.areas if area else bool(news.areas)
        if _tells_of_all_loads(read) and (_has_rows_of_raw_tables(reader) or self._area(reader)):
            return not self._tables_above[child]
        return True

    def _area(self, node: Any) -> str | None:
        """The area of a model; None where it belongs to several or to none."""
        group = node.config.group if node.resource_type == "model" else None
        return group if group in self._areas else None

    @cached_property
    def _children(self) -> Mapping[str, set[str]]:
        """The relations that are built from each node."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, node in self._nodes.items():
            if node.resource_type in ("model", "snapshot"):
                for parent in parents_of(node):
                    found[parent].add(name)
        return found

    @cached_property
    def _tables_above(self) -> Mapping[str, set[str]]:
        """The raw tables that each relation is built from."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, node in self._nodes.items():
            if node.resource_type == "source" and node.source_name != LANDFALL:
                for below in self._below(name):
                    found[below].add(name)
        return found

    def _below(self, name: str) -> Iterator[str]:
        """The relations that are built from a node, however far down."""
        seen, left = {name}, [name]
        while left:
            new = self._children[left.pop()] - seen
            seen |= new
            left += new
            yield from new


def _has_changed_itself(node: Any, news: News) -> bool:
    if node.resource_type != "source":
        return False
    return node.source_name == LANDFALL or f"{node.source_name}.{node.name}" in news.tables


def _tells_of_all_loads(node: Any) -> bool:
    """Whether it has rows about the loads of every table."""
    if node.resource_type == "source":
        return bool(node.source_name == LANDFALL)
    return _folder_of_source(node) == LANDFALL


def _has_rows_of_raw_tables(node: Any) -> bool:
    """Whether it has the rows of raw tables: a snapshot, or a base or staging model of a delivered source."""
    return node.resource_type == "snapshot" or _folder_of_source(node) not in (None, LANDFALL)


def _folder_of_source(node: Any) -> str | None:
    """`models/base/<folder>/…` or `models/staging/<folder>/…`; None of what lies elsewhere."""
    folders = Path(node.original_file_path).parts
    return folders[2] if folders[1] in (BASE, "staging") and len(folders) > 2 else None


def _is_table(node: Any) -> bool:
    """Whether its rows are stored, so that they have to be built."""
    if node.resource_type == "model":
        return bool(node.config.materialized != "view")
    return bool(node.resource_type == "snapshot")


def _only_warns(data_test: Any) -> bool:
    """Whether a finding of the test does not stop the publication."""
    return bool(data_test.config.severity.lower() == "warn")


def parents_of(node: Any) -> list[str]:
    """The nodes that a node is built from; seeds and raw tables have none, not even an empty list."""
    return getattr(getattr(node, "depends_on", None), "nodes", [])

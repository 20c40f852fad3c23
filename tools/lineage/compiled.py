"""The lineage of every column of the compiled project, for one engine."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.catalog import raw_table
from ingestion.catalog.schema import PARTITION_COLUMNS
from ingestion.contract import read_project
from tools.lineage.reader import AS_IS, NOTHING, Columns, Lineage
from tools.project import ROOT, compiled_for

SNAPSHOT_COLUMNS = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")

Follows = Callable[[str, bool], bool]
"""Whether to follow a column of a raw table. Arguments: source.table.column; whether Landfall's own tables declare it
direct."""


@dataclass
class Compiled:
    """The nodes and sources of the manifest, and the columns of all relations with what they are made of."""

    nodes: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, Any]]
    lineage: Lineage

    @classmethod
    def of(cls, target: str, follows: Follows) -> "Compiled":
        """Read the project as it compiles for `target`."""
        parsed = json.loads((compiled_for(target).parents[1] / "manifest.json").read_text())
        kinds = ("model", "snapshot", "seed")
        nodes = {
            name: node for name, node in parsed["nodes"].items() if node["resource_type"] in kinds
        }
        made = cls(nodes, parsed["sources"], Lineage(target))
        made.lineage.relations |= dict(_raw_tables(follows)) | dict(made._own_tables(follows))
        done: set[str] = set()
        for name in nodes:
            made._read(name, done)
        return made

    def _own_tables(self, follows: Follows) -> Iterator[tuple[str, Columns]]:
        """Landfall's own tables about its loads, which no contract describes."""
        for source in self.sources.values():
            if source["source_name"] != "landfall":
                continue
            columns: Columns = {}
            for column in source["columns"].values():
                origin = f"landfall.{source['name']}.{column['name']}"
                is_direct = column["config"]["meta"]["sensitivity"] == "direct"
                watched = follows(origin, is_direct)
                columns[column["name"]] = frozenset({(origin, AS_IS)}) if watched else NOTHING
            yield f"{source['schema']}.{source['name']}".lower(), columns

    def _read(self, name: str, done: set[str]) -> None:
        node = self.nodes.get(name)
        if node is None or name in done:
            return
        done.add(name)
        if node["resource_type"] == "seed":
            header = (ROOT / node["original_file_path"]).read_text().split("\n", 1)[0]
            seed = dict.fromkeys(header.strip().lower().split(","), NOTHING)
            self.lineage.relations[relation(node)] = seed
            return
        for parent in node["depends_on"]["nodes"]:
            self._read(parent, done)
        columns = self.lineage.add(relation(node), node["compiled_code"])
        if node["resource_type"] == "snapshot":
            key = node["config"]["unique_key"]
            keys = [key] if isinstance(key, str) else key
            identity = frozenset[tuple[str, str]]().union(*(columns[k.lower()] for k in keys))
            columns |= dict.fromkeys(SNAPSHOT_COLUMNS, NOTHING) | {"dbt_scd_id": identity}


def relation(node: Mapping[str, Any]) -> str:
    """schema.name of a node, in lower case."""
    return f"{node['schema']}.{node.get('alias') or node['name']}".lower()


def _raw_tables(follows: Follows) -> Iterator[tuple[str, Columns]]:
    for table in read_project(ROOT):
        raw = raw_table(table)
        columns: Columns = dict.fromkeys([*raw.columns, *PARTITION_COLUMNS], NOTHING)
        for column in table.columns:
            origin = f"{table.full_name}.{column.name}"
            if follows(origin, False):
                columns[column.name] = frozenset({(origin, AS_IS)})
        yield f"{raw.database}.{raw.name}", columns

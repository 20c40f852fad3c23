"""The gate over lineage: compares the personal columns that reach each mart, on each engine, with the contracts."""

from functools import cache, cached_property
from typing import Any

from ingestion.contract import Column, read_project
from tools.lineage import AS_IS, HASHED, MONTH, YEAR, ZIP3, Carried, Compiled, Lineage, relation
from tools.project import ROOT

ALLOWED = {
    "as_is": {AS_IS, MONTH, YEAR, HASHED},
    "month": {MONTH, YEAR},
    "year": {YEAR},
    "zip3": {ZIP3},
    "hashed": {HASHED},
    "list": set[
        str
    ](),  # what passes through a seed is the seed's own value: lineage sees none of the source's
    "never": set[str](),
    None: set[str](),
}
"""The forms that a mart may hold, by what the contract says of the column; coarser is always allowed."""

OPEN_FOLDERS = ("marts",)
"""The folders of models/ whose models have readers beyond the few."""


@cache
def personal() -> dict[str, Column]:
    """Every direct and quasi column of the contracts, by source.table.column."""
    return {
        f"{table.full_name}.{column.name}": column
        for table in read_project(ROOT)
        for column in table.columns
        if column.sensitivity != "none"
    }


class Graph:
    """The compiled project of one engine, with the lineage of every column of it."""

    def __init__(self, target: str) -> None:
        self._compiled = Compiled.of(target, _watched)
        self.nodes, self.lineage = self._compiled.nodes, self._compiled.lineage

    @cached_property
    def marts(self) -> dict[str, dict[str, Any]]:
        """The models with many readers, by schema.name."""
        return {
            relation(node): node
            for node in self.nodes.values()
            if node["original_file_path"].split("/")[1] in OPEN_FOLDERS
        }

    def leaks(self) -> list[str]:
        """A line for each column of a mart that holds of a person what no contract allows."""
        return [
            line
            for mart in self.marts
            for column, carried in self.lineage.relations[mart].items()
            for line in refused(f"{mart}.{column}", carried)
        ]

    def leaks_of(self, mart: str, sql: str) -> list[str]:
        """The same of one mart, if its SQL were this."""
        columns = Lineage(self.lineage.dialect, dict(self.lineage.relations)).add(mart, sql)
        return [
            line
            for column, carried in columns.items()
            for line in refused(f"{mart}.{column}", carried)
        ]


def _watched(origin: str, is_direct: bool) -> bool:
    """Whether a column of a raw table is watched: those of a contract that are personal, Landfall's own direct ones."""
    return is_direct or origin in personal()


def refused(place: str, carried: Carried) -> list[str]:
    """A line for each of the origins that may not be held in this form."""
    watched = personal()
    return [
        f"{place} holds {origin} {form}"
        for origin, form in sorted(carried)
        if origin not in watched or form not in ALLOWED[watched[origin].in_marts]
    ]


@cache
def graph(target: str) -> Graph:
    """The graph of one engine, read once."""
    return Graph(target)

"""The marts as entities: finds their keys, and the mart that each key refers to.

A test of relationships says so, or the column's name: `charge_key` refers to the fact or dimension whose key is
`charge_key`, and `physician_durable_key` to an employee, which is what plays that role.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROLES = {"physician": "employee", "first_payer": "insurance_plan"}
"""Names of keys that refer to a mart of another name."""

REFERRED = ("dim_", "fct_")
"""The prefixes of marts that others refer to; all other marts are made of these, and answer questions."""


@dataclass(frozen=True)
class Column:
    """A column: its type, whether it is the key of a row, and whether it may be null."""

    name: str
    type: str
    is_key: bool
    may_be_null: bool


@dataclass(frozen=True)
class Entity:
    """A mart of an area, in a `folder` below it, with its columns."""

    name: str
    area: str
    folder: str
    columns: tuple[Column, ...]

    @property
    def is_referred_to(self) -> bool:
        """Whether it is a fact or a dimension."""
        return self.name.startswith(REFERRED)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Reference:
    """`child.column` holds the value of `parent.parent_column`; with no columns the child is made of the parent."""

    child: str
    parent: str
    column: str = ""
    parent_column: str = ""


@dataclass(frozen=True)
class Entities:
    """All marts by name, and their references."""

    marts: Mapping[str, Entity]
    references: tuple[Reference, ...] = field(default=())

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "Entities":
        """Read dbt's manifest."""
        nodes = {
            node["name"]: node
            for node in manifest["nodes"].values()
            if node["resource_type"] == "model"
            and node["original_file_path"].startswith("models/marts/")
        }
        tests = _tests(manifest)
        marts = {name: _entity(node, tests[node["unique_id"]]) for name, node in nodes.items()}
        known = _durable_keys(nodes, tests)
        known |= {
            column.name: (mart.name, column.name)
            for mart in marts.values()
            if mart.is_referred_to
            for column in mart.columns
            if column.is_key and column.name.endswith("_key")
        }
        found = [
            reference
            for name, node in nodes.items()
            for reference in _references(marts[name], tests[node["unique_id"]], known)
        ]
        found += _made_of(manifest, marts, {reference.child for reference in found})
        return cls(marts, tuple(found))

    def of_area(self, area: str) -> list[Entity]:
        """The marts of an area, by name."""
        return [mart for name, mart in sorted(self.marts.items()) if mart.area == area]

    def from_(self, name: str) -> list[Reference]:
        """The references of a mart."""
        return [reference for reference in self.references if reference.child == name]


Tests = dict[str, list[tuple[str, dict[str, Any]]]]


def _tests(manifest: Mapping[str, Any]) -> Tests:
    """The generic tests of each node, as (name, arguments)."""
    found: Tests = defaultdict(list)
    for node in manifest["nodes"].values():
        about = node.get("test_metadata")
        if about and node.get("attached_node"):
            found[node["attached_node"]].append((about["name"], about["kwargs"]))
    return found


def _entity(node: Mapping[str, Any], tests: list[tuple[str, dict[str, Any]]]) -> Entity:
    unique = {said["column_name"] for name, said in tests if name == "unique"}
    filled = {said["column_name"] for name, said in tests if name == "not_null"}
    columns = tuple(
        Column(name, str(column["data_type"] or ""), name in unique, name not in filled | unique)
        for name, column in node["columns"].items()
    )
    folders = Path(node["original_file_path"]).parts[2:-1]
    return Entity(node["name"], folders[0], folders[1] if len(folders) > 1 else "", columns)


def _durable_keys(nodes: Mapping[str, Any], tests: Tests) -> dict[str, tuple[str, str]]:
    """The keys that all versions of a row of a dimension share."""
    return {
        str(said["key"]): (name, str(said["key"]))
        for name, node in nodes.items()
        for test, said in tests[node["unique_id"]]
        if test == "one_current_version"
    }


def _references(
    mart: Entity,
    tests: list[tuple[str, dict[str, Any]]],
    known: Mapping[str, tuple[str, str]],
) -> Iterator[Reference]:
    told = {
        said["column_name"]: (said["to"].split("'")[1], said["field"])
        for name, said in tests
        if name == "relationships"
    }
    for column in mart.columns:
        parent = told.get(column.name) or known.get(_as_it_is_called(column.name))
        if parent and parent != (mart.name, column.name):
            yield Reference(mart.name, parent[0], column.name, parent[1])


def _as_it_is_called(column: str) -> str:
    """The name of a key without the role that it plays."""
    for role, name in ROLES.items():
        if column.startswith(f"{role}_") and column.endswith("_key"):
            return name + column.removeprefix(role)
    return column


def _made_of(
    manifest: Mapping[str, Any], marts: Mapping[str, Entity], linked: set[str]
) -> Iterator[Reference]:
    """For the marts without any key of another: the marts that they are made of, of their area where there are any."""
    for node in manifest["nodes"].values():
        name = node["name"]
        if name in marts and name not in linked:
            behind = sorted(_nearest(manifest, node, marts))
            near = [parent for parent in behind if marts[parent].area == marts[name].area]
            yield from (Reference(name, parent) for parent in near or behind)


def _nearest(
    manifest: Mapping[str, Any], node: Mapping[str, Any], marts: Mapping[str, Entity]
) -> set[str]:
    """The first marts that are met on the way back from a node."""
    found: set[str] = set()
    for parent in (manifest["nodes"].get(one) for one in node["depends_on"]["nodes"]):
        if parent and parent["name"] in marts:
            found.add(parent["name"])
        elif parent and "nodes" in parent["depends_on"]:
            found |= _nearest(manifest, parent, marts)
    return found

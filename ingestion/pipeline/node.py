"""The result of one node of a run. Apart from dbt.py, because dbt takes seconds to load."""

from dataclasses import dataclass

TABLE = "source.landfall."
"""The prefix of a delivered table's node name: source and table follow."""

FAILED = ("error", "fail", "runtime error", "partial success")

ACCESS = "access"
"""A node type of our own: a right that differs from the declaration."""

SCHEMA = "schema"
"""A node type of our own: a schema of the warehouse with a problem."""

RELATION = "relation"
"""A node type of our own: a table or view that the project does not know."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """The result of one node: seconds of wall time, rows that a test found, areas of marts it feeds.

    `bytes_scanned` are the bytes that its queries read on an engine that bills by bytes (Athena); else None.
    """

    name: str
    resource_type: str
    status: str
    areas: tuple[str, ...] = ()
    seconds: float = 0.0
    failures: int | None = None
    message: str = ""
    bytes_scanned: int | None = None

    @classmethod
    def wrong(
        cls, name: str, resource_type: str, message: str, areas: tuple[str, ...] = ()
    ) -> "Node":
        """The failed node of a check after a build: it stops the publication."""
        return cls(
            name=name, resource_type=resource_type, status="error", areas=areas, message=message
        )

    @property
    def in_words(self) -> str:
        """Its name for people: a table is source.table."""
        return self.name.removeprefix(TABLE)

    @property
    def failed(self) -> bool:
        """Whether this node stops the publication."""
        return self.status in FAILED

"""What became of one node of a run. Apart from dbt.py, because dbt takes seconds to load."""

from dataclasses import dataclass

TABLE = "source.landfall."
"""What the name of a node begins with that is a delivered table: source and table follow."""

FAILED = ("error", "fail", "runtime error", "partial success")

ACCESS = "access"
"""The type of a node that dbt does not have: a right that is not as declared."""

SCHEMA = "schema"
"""The type of a node that dbt does not have: a schema of the warehouse, with what is wrong about it."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """What became of one node: seconds of wall time, rows that a test found, areas of marts it feeds.

    `bytes_scanned` is what its queries read together where an engine is paid by that (Athena); None where none is.
    """

    name: str
    resource_type: str
    areas: tuple[str, ...]
    status: str
    seconds: float
    failures: int | None
    message: str
    bytes_scanned: int | None = None

    @classmethod
    def wrong(
        cls, name: str, resource_type: str, message: str, areas: tuple[str, ...] = ()
    ) -> "Node":
        """What was looked at after a build and stops the publication."""
        return cls(
            name=name,
            resource_type=resource_type,
            areas=areas,
            status="error",
            seconds=0.0,
            failures=None,
            message=message,
        )

    @property
    def in_words(self) -> str:
        """Its name as a person is told it: a table is source.table."""
        return self.name.removeprefix(TABLE)

    @property
    def failed(self) -> bool:
        """Whether this node stops the publication."""
        return self.status in FAILED

"""What a catalogue must be able to do; `duck.py` and `glue.py` do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ingestion.catalog.schema import RawTable
from ingestion.contract import PortableType
from ingestion.loads import Manifest

OWN_DATABASE = "raw_landfall"


@dataclass(frozen=True)
class DerivedTable:
    """A table that Landfall writes about its loads.

    `objects` are its parquet objects below `prefix`, each with a mark that changes whenever its content does. Where it
    is not `is_whole`, each was written by itself, and a damaged one takes nothing but its own rows away.
    """

    name: str
    columns: dict[str, PortableType]
    prefix: str
    objects: dict[str, str]
    is_whole: bool = True


@dataclass(frozen=True)
class Registration:
    """What a raw table must show: exactly the partitions of the loads that count, in load order."""

    table: RawTable
    loads: tuple[Manifest, ...]


@dataclass(frozen=True)
class Difference:
    """What a table of the catalogue shows otherwise than its manifests say."""

    table: str
    problem: str


class Catalog(Protocol):
    """Every method may be repeated; each raises LandingFailed when the catalogue does not answer."""

    def register(
        self, registrations: Sequence[Registration], added: Sequence[Manifest] | None = None
    ) -> None:
        """Make each table show its loads and no others. `added` are the only loads that are new since the last time;
        None: nothing is known of what is there, compare everything (and remove what should not be)."""

    def publish(self, tables: Sequence[DerivedTable]) -> None:
        """Switch the tables of `raw_landfall` to these objects."""

    def differences(self, registrations: Sequence[Registration]) -> list[Difference]:
        """How each table differs from what it must show. Changes nothing."""

    def taken_loads(self) -> list[str]:
        """The ids of the loads that history was made from, where the catalogue is the warehouse too."""


class NoCatalog:
    """A lake without engines: nothing is registered."""

    def register(
        self, registrations: Sequence[Registration], added: Sequence[Manifest] | None = None
    ) -> None:
        """Do nothing."""

    def publish(self, tables: Sequence[DerivedTable]) -> None:
        """Do nothing."""

    def differences(self, registrations: Sequence[Registration]) -> list[Difference]:
        """None."""
        return []

    def taken_loads(self) -> list[str]:
        """None are known."""
        return []

"""What a catalogue must be able to do; `duck.py` and `glue.py` do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ingestion.catalog.schema import RawTable
from ingestion.contract import PortableType
from ingestion.manifest import Manifest

OWN_DATABASE = "raw_landfall"


@dataclass(frozen=True)
class DerivedTable:
    """A table that Landfall writes about its loads. `keys` are its parquet objects below `prefix`, or a glob."""

    name: str
    columns: dict[str, PortableType]
    prefix: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Registration:
    """What a raw table must show: exactly the partitions of the loads that count, in load order."""

    table: RawTable
    loads: tuple[Manifest, ...]


class Catalog(Protocol):
    """Every method may be repeated; each raises LandingFailed when the catalogue does not answer."""

    def register(
        self, registrations: Sequence[Registration], added: Sequence[Manifest] | None = None
    ) -> None:
        """Make each table show its loads and no others. `added` are the only loads that are new since the last time;
        None: nothing is known of what is there, compare everything (and remove what should not be)."""

    def publish(self, tables: Sequence[DerivedTable]) -> None:
        """Switch the tables of `raw_landfall` to these objects."""


class NoCatalog:
    """A lake without engines: nothing is registered."""

    def register(
        self, registrations: Sequence[Registration], added: Sequence[Manifest] | None = None
    ) -> None:
        """Do nothing."""

    def publish(self, tables: Sequence[DerivedTable]) -> None:
        """Do nothing."""

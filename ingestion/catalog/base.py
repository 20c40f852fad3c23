"""The interface of a catalogue; `duck.py` and `glue.py` implement it."""

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

    `objects` are its parquet objects below `prefix`, each with a mark that changes whenever its content does. If it is
    not `is_whole`, each object was written by itself, and a damaged one loses only its own rows.
    """

    name: str
    columns: dict[str, PortableType]
    prefix: str
    objects: dict[str, str]
    is_whole: bool = True


@dataclass(frozen=True)
class Registration:
    """The content of a raw table: exactly the partitions of the loads that count, in load order."""

    table: RawTable
    loads: tuple[Manifest, ...]


@dataclass(frozen=True)
class Difference:
    """A difference between a table of the catalogue and its manifests, or a DuckDB file that cannot be read at all."""

    table: str
    problem: str
    is_of_the_file: bool = False


class Catalog(Protocol):
    """Every method may be repeated; each raises LandingFailed when the catalogue does not answer."""

    def register(
        self, registrations: Sequence[Registration], added: Sequence[Manifest] | None = None
    ) -> None:
        """Make each table show its loads and no others. `added` are the only new loads since the last time; None:
        compare everything, and remove what should not be there."""

    def publish(self, tables: Sequence[DerivedTable]) -> None:
        """Switch the tables of `raw_landfall` to these objects."""

    def differences(self, registrations: Sequence[Registration]) -> list[Difference]:
        """The difference of each table from its loads. Changes nothing."""

    def taken_loads(self) -> list[str]:
        """The ids of the loads in history, if the catalogue is the warehouse too."""

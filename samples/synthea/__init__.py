"""Small populations in the format of Synthea's CSV export, for tests, and to try its adapter without Synthea.

Synthea (https://github.com/synthetichealth/synthea) invents patients itself, so this is not a source of the demo: it
writes the eight files that Landfall reads, in the header and the spellings of the exporter's newest version, with
every kind of transaction that it knows. `python -m samples.synthea FOLDER` writes them. Equal arguments give equal
bytes; names and streets are those of `samples.names`.
"""

from samples.synthea.population import population
from samples.synthea.written import HEADERS, Tables, write

__all__ = ["HEADERS", "Tables", "population", "write"]

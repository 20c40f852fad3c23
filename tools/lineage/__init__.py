"""Finds which columns of sources reach which columns of models, for the gates of privacy and for a page of the site.

`reader.py` follows the columns of one statement, `compiled.py` those of the whole compiled project.
"""

from tools.lineage.compiled import Compiled, relation
from tools.lineage.reader import (
    AS_IS,
    HASHED,
    MONTH,
    NOTHING,
    YEAR,
    ZIP3,
    Carried,
    Columns,
    Lineage,
    Unreadable,
)

__all__ = [
    "AS_IS",
    "HASHED",
    "MONTH",
    "NOTHING",
    "YEAR",
    "ZIP3",
    "Carried",
    "Columns",
    "Compiled",
    "Lineage",
    "Unreadable",
    "relation",
]

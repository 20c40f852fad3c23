"""The sources that extracts are invented for: a new one is registered here, and nowhere else."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from samples import inventory, practice, salesforce, shop, taxi, totesys
from samples.written import Written

# Every writer needs `samples.days.Days` alone, but for the practice, whose options say how large it is.
Writer: TypeAlias = Callable[[Path, practice.Options], Written]

SOURCES: dict[str, Writer] = {
    "practice": practice.write,
    "shop": shop.write,
    "inventory": inventory.write,
    "salesforce": salesforce.write,
    "taxi": taxi.write,
    "totesys": totesys.write,
}

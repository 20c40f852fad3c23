"""Random draws for all sources: counts of rare events, items chosen by weight."""

import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def poisson(chance: random.Random, mean: float) -> int:
    """The number of rare events among many; the normal curve replaces it for a large mean."""
    if mean > 40:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    count, left = 0, chance.expovariate(1.0)
    while left < mean:
        count += 1
        left += chance.expovariate(1.0)
    return count


def weighted(chance: random.Random, items: Sequence[Item], weights: Sequence[float]) -> Item:
    """One of `items`, by weight."""
    return chance.choices(items, weights)[0]

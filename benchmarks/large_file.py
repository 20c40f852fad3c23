"""Writes the CSV that landing is measured with: eight columns, line ends in quotes, some bad rows.

A block of rows is made once and written again and again with other keys, so that gigabytes take
seconds. About 82 bytes a row: 5,000,000 rows are 409 MB.
"""

import random
from pathlib import Path

import numpy as np
import numpy.typing as npt

COLUMNS = ("account_id", "reference", "customer", "amount", "opened_on", "status", "visits", "note")
BLOCK_ROWS = 250_000
KEY_DIGITS = 10
QUOTED_SHARE = 0.05
# A prime beyond the largest key: multiplying by it mixes the keys and keeps them unique.
MIXER, MODULUS = 7_368_787, 9_999_999_967

_WORDS = ("amber", "birch", "cedar", "dune", "elm", "fjord", "grove", "heath", "islet", "juniper")
_STATES = ("open", "closed", "waiting")
_HEADER = ",".join(COLUMNS) + "\n"


def write_csv(
    path: Path, rows: int, bad_share: float, mixed_keys: bool = False, seed: int = 1
) -> int:
    """Write the file and return how many of its rows are bad."""
    chance = random.Random(seed)
    lines = [_line(chance, bad_share) for _ in range(min(rows, BLOCK_ROWS))]
    sizes = np.array([len(line) for line, _ in lines])
    bad = np.array([is_bad for _, is_bad in lines])
    starts = np.append(0, np.cumsum(sizes)[:-1])
    block = np.frombuffer("".join(line for line, _ in lines).encode(), np.uint8).copy()
    count = 0
    with path.open("wb") as file:
        file.write(_HEADER.encode())
        for first in range(1, rows + 1, len(lines)):
            many = min(len(lines), rows + 1 - first)
            keys = np.arange(first, first + many, dtype=np.int64)
            _put_keys(block, starts[:many], keys * MIXER % MODULUS if mixed_keys else keys)
            file.write(block[: int(sizes[:many].sum())].tobytes())
            count += int(bad[:many].sum())
    return count


def _line(chance: random.Random, bad_share: float) -> tuple[str, bool]:
    """One row with zeros for its key, and whether it is bad."""
    first, second = chance.choice(_WORDS), chance.choice(_WORDS)
    amount = f"{chance.uniform(-2_000, 90_000):.2f}"
    day = f"{chance.randint(1, 12)}/{chance.randint(1, 28)}/{chance.randint(1990, 2024)}"
    visits = str(chance.randint(0, 999))
    note = f"{second} {chance.randint(0, 999)} {first}"
    if chance.random() < QUOTED_SHARE:
        note = f'"{first}\n{second}, {visits}"'
    is_bad = chance.random() < bad_share
    if is_bad:
        kind = chance.randint(0, 4)
        amount = "12.3x" if kind == 0 else amount
        day = "2/30/2021" if kind == 1 else day
        visits = "many" if kind == 2 else visits
        note = f"{note},more" if kind == 3 else f'"{first}" {second}' if kind == 4 else note
    reference = f"R{chance.randint(0, 10**9):09d}"
    customer = f"{first} {second} {chance.randint(0, 9_999)}"
    cells = ("0" * KEY_DIGITS, reference, customer, amount, day, chance.choice(_STATES), visits)
    return ",".join((*cells, note)) + "\n", is_bad


def _put_keys(
    block: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], keys: npt.NDArray[np.int64]
) -> None:
    """Write each key's digits where its row begins."""
    for place in range(KEY_DIGITS):
        digit = keys // 10 ** (KEY_DIGITS - 1 - place) % 10
        block[starts + place] = digit + ord("0")

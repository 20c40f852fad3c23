"""The verdict on each row from the verdicts on its cells: one code a row."""

from collections import Counter

import numpy as np
import numpy.typing as npt

from ingestion.arrow import Array, Ints, Mask, pa, pc, without
from ingestion.codes import QUARANTINING, STRUCTURAL, Code
from ingestion.contract import Table
from ingestion.formats.model import KEY_SEPARATOR
from ingestion.formats.values.numbers import Typed

Reason = tuple[str, str | None, str | None]
"""Why a row does not land: code, column, and the row's key where it can be read."""


class Verdict:
    """Gathers a stretch of rows column by column, in contract order.

    A row gets one code, at its first bad column; a code of the whole row comes first. Warnings count the rows that are
    good.
    """

    def __init__(self, rows: int) -> None:
        self._codes: npt.NDArray[np.int8] = np.full(rows, -1, np.int8)
        self._structural: Mask = np.zeros(rows, bool)
        self._columns: npt.NDArray[np.int16] = np.full(rows, -1, np.int16)
        self._names: list[str] = []
        self._warned: dict[str, Mask] = {}
        self._keys: dict[str, Array] = {}
        self._key_bad: Mask = np.zeros(rows, bool)

    def add(self, name: str, typed: Typed, is_key: bool = False) -> None:
        """Add the next column."""
        place = len(self._names)
        self._names.append(name)
        for code, mask in typed.bad.items():
            structural = code in STRUCTURAL
            new = mask & ~self._structural & (structural | (self._codes < 0))
            self._codes[new] = QUARANTINING.index(code)
            self._columns[new] = place
            if structural:
                self._structural |= new
            if is_key:
                self._key_bad |= mask
        for code, mask in typed.warned.items():
            self._warned[code] = self._warned.get(code, False) | mask
        if is_key:
            self._keys[name] = typed.values

    @property
    def good(self) -> Mask:
        """The rows that land."""
        return self._codes < 0

    def warnings(self) -> Counter[str]:
        """The number of good rows with each warning."""
        good = self.good
        counts = {code: int((mask & good).sum()) for code, mask in self._warned.items()}
        return Counter({code: count for code, count in counts.items() if count})

    def reasons(self, rows: Ints, table: Table) -> list[Reason]:
        """The reasons of bad rows."""
        codes = (QUARANTINING[code] for code in self._codes[rows].tolist())
        columns = (self._names[place] for place in self._columns[rows].tolist())
        return list(zip(codes, columns, self._keys_of(rows, table), strict=True))

    def conflicts(self, rows: Ints, table: Table) -> list[Reason]:
        """These rows, which are good, as conflicts of their keys."""
        column = next(iter(table.key_columns), None)
        return [(Code.KEY_CONFLICT, column, key) for key in self._keys_of(rows, table)]

    def _keys_of(self, rows: Ints, table: Table) -> list[str | None]:
        """The keys of these rows as text, None where they cannot be read."""
        if not rows.size or not table.key_columns:
            return [None] * rows.size
        chosen = pa.array(rows)
        bad = self._key_bad[rows]
        cells = [
            without(self._keys[name].take(chosen), bad).cast(pa.string())
            for name in table.key_columns
        ]
        keys: list[str | None] = pc.binary_join_element_wise(*cells, KEY_SEPARATOR).to_pylist()
        return keys

"""What every reader does: it cuts the parts of an extract into stretches of records, and makes a batch of each."""

from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

from ingestion.arrow import Ints
from ingestion.formats.model import Batch, Extract, Part, Reject

CONVERTERS = 2
STRETCHES_AHEAD = 3


class Stretch(Protocol):
    """Records that follow each other."""

    @property
    def number(self) -> int:
        """The number of the first record over all parts, from 1."""

    def __len__(self) -> int:
        """How many records there are."""


S = TypeVar("S", bound=Stretch)


class Reader(ABC, Generic[S]):
    """Reads the parts of an extract once. `warnings` are those of the files themselves, complete at the last stretch.

    Its methods raise BadExtract when the whole extract is refused.
    """

    def __init__(self, parts: Iterable[Part], extract: Extract) -> None:
        self._parts, self._extract = parts, extract
        self.warnings: Counter[str] = Counter()

    @abstractmethod
    def stretches(self) -> Iterator[S]:
        """The records of all parts, in order and in flat memory."""

    @abstractmethod
    def convert(self, stretch: S) -> Batch:
        """The typed rows of a stretch, and its rejects."""

    @abstractmethod
    def conflicts(self, stretch: S, rows: Ints) -> Iterable[Reject]:
        """The records with these indexes, which landed, as rejects for `key_conflict`."""

    def batches(self) -> Iterator[Batch]:
        """A batch of each stretch, in order, converted while the next ones are cut."""
        return converted_ahead(self.convert, self.stretches())


def converted_ahead(convert: Callable[[S], Batch], stretches: Iterable[S]) -> Iterator[Batch]:
    """The batches of these stretches, in order, converted by two threads.

    So three works overlap: cutting in the caller's thread, converting in these two, and what the caller does with the
    batches.
    """
    pending: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(CONVERTERS, thread_name_prefix="convert") as pool:
        try:
            for stretch in stretches:
                pending.append(pool.submit(convert, stretch))
                if len(pending) > STRETCHES_AHEAD:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()

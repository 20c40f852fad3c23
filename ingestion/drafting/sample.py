"""The sample of a table: the columns of its files as text, read as landing reads them."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, get_args

from ingestion.arrow import pa, pc
from ingestion.codes import Code
from ingestion.contract import Column, FileType
from ingestion.drafting.evidence import (
    ALL_BUT_FEW,
    decimal_separator_of,
    guess,
    trial,
    words_for_none,
)
from ingestion.errors import BadExtract, BadSettings
from ingestion.formats import (
    OPERATIONS,
    Batch,
    Item,
    Peek,
    Told,
    items_in,
    peek,
    read_extract,
)
from ingestion.inbox import Promise

ROWS = 200_000
"""The number of rows in a sample; the evidence of a draft names it."""

OF_ITEMS = Peek("dynamodb", ())
"""How an export of DynamoDB is written."""

_WITNESSES = 2
_TELLING = 2_000
"""The number of rows whose types tell whether the first line names the columns."""


@dataclass(frozen=True)
class FilePart:
    """A file on this machine, as readers take it; the ending of `name` decides whether it is unpacked.

    `fetch` brings it here when it is first read.
    """

    name: str
    path: Path
    fetch: Callable[[Path], None] | None = None
    promise: ClassVar[None] = None

    @property
    def parts(self) -> list["FilePart"]:
        """What readers read."""
        return [self]

    @property
    def size(self) -> int:
        """The file's length in bytes."""
        return self._here().stat().st_size

    def open(self) -> BinaryIO:
        """A fresh reader over its bytes."""
        return self._here().open("rb")

    def _here(self) -> Path:
        if self.fetch and not self.path.exists():
            self.fetch(self.path)
        return self.path


@dataclass(frozen=True)
class Export:
    """An export of DynamoDB: the name and the promise of its summary, and the files that have its items. A sample needs
    few of them."""

    name: str
    promise: Promise
    parts: list[FilePart]


@dataclass(frozen=True)
class Seen:
    """A column of the sample: its name in the file (None without a header), its values as text, null where empty.

    `type` is the file's own (parquet) or the database's in a contract's words, None where text is all that is known.
    `is_bytes`: its values are bytes that are no text, as hashes and shapes are; here they are all null.
    `decimal_separator`: what stands before the decimals of its file's numbers.
    """

    heading: str | None
    values: Any
    type: str | None = None
    is_bytes: bool = False
    decimal_separator: str = "."


@dataclass(frozen=True)
class Sample:
    """The columns of one file, in its order, and how the file is written: `nulls` are null where they are unquoted.

    `key` are the columns that the file itself names as its key.
    """

    columns: tuple[Seen, ...]
    rows: int
    peek: Peek
    has_header: bool = True
    nulls: tuple[str, ...] = ()
    key: tuple[str, ...] = ()

    @property
    def is_sparse(self) -> bool:
        """Whether a record need not have every column, as the items of DynamoDB: a column that is missing is null."""
        return self.peek.file == "dynamodb"


def joined(samples: Sequence[Sample]) -> Iterator[tuple[Seen, bool]]:
    """Each column with its values of all files, and whether all have it. Without headers columns go by their place."""
    by_name: dict[Any, list[Seen]] = {}
    separator = separator_of(samples)
    is_sparse = any(sample.is_sparse for sample in samples)
    for sample in samples:
        for place, seen in enumerate(sample.columns):
            by_name.setdefault(place if seen.heading is None else seen.heading, []).append(seen)
    for many in by_name.values():
        values = pa.concat_arrays([seen.values for seen in many])
        is_bytes = any(seen.is_bytes for seen in many)
        is_everywhere = is_sparse or len(many) == len(samples)
        yield Seen(many[0].heading, values, many[0].type, is_bytes, separator), is_everywhere


def separator_of(samples: Iterable[Sample]) -> str:
    """The decimal separator of a table's files: a comma where any has it, as a file without decimals shows none."""
    return "," if any(s.decimal_separator == "," for one in samples for s in one.columns) else "."


def look_at(part: FilePart | Export, told: Told) -> Peek:
    """The first look at a file; an export of DynamoDB tells what it is by its summary."""
    return OF_ITEMS if isinstance(part, Export) else peek(part, told)


def sample_of(
    part: FilePart | Export, told: Told, is_dms: bool = False, nulls: tuple[str, ...] = ()
) -> Sample:
    """Look at a file, of which `told` is known.

    BadSettings when nothing says whether its first line names the columns: a value must not be taken for a name.
    BadExtract for an unreadable file.
    """
    if isinstance(part, Export):
        return sample_of_items(part)
    header = False if is_dms and told.header is None else told.header
    found = peek(part, replace(told, header=header))
    if found.file == "parquet":
        return _sample_of_parquet(part, found, nulls)
    arrays = _values(part, found, nulls)
    if found.skip_lines and told.skip_lines is None:
        header, found, arrays = _below_a_title(
            part, replace(told, header=header), found, arrays, nulls
        )
    if is_dms:
        found, arrays = _without_operation(found, arrays)
    if found.is_told:
        # landing looks for such a line only above a header; with two columns it would be a row
        header, arrays = True, [values[len(values) - _rows_below(arrays) :] for values in arrays]
    separator = _separator(arrays)
    if header is None:
        header = _tells_header(arrays, separator)
    if header is None:
        raise BadSettings(
            f"{part.name}: nothing tells whether its first line names the columns: say --header or --no-header"
        )
    if header:
        _refuse_unsound(found.cells, part.name)
        arrays = [values[1:] for values in arrays]
    names: Sequence[str | None] = found.cells if header else (None,) * len(arrays)
    seen = tuple(
        Seen(name, values, decimal_separator=separator)
        for name, values in zip(names, arrays, strict=True)
    )
    return Sample(seen, len(arrays[0]), found, header, nulls)


def _sample_of_parquet(part: FilePart, found: Peek, nulls: tuple[str, ...]) -> Sample:
    _refuse_unsound(found.cells, part.name)
    typed = list(zip(found.cells, found.types, strict=True))
    # one such column would reject every row
    bytes_ = {name for name, type_ in typed if type_ == "binary" and _is_bytes(part, found, name)}
    arrays = _values(part, found, nulls, bytes_)
    seen = tuple(
        Seen(name, _plain(values, type_), type_, name in bytes_)
        for (name, type_), values in zip(typed, arrays, strict=True)
    )
    return Sample(seen, len(arrays[0]), found)


def sample_of_items(part: Export, is_whole: bool = False) -> Sample:
    """The attributes of an export's first items, or all attributes. Bytes are all null, as in other files."""
    items = list(_telling(items_in(part.parts)) if is_whole else islice(items_in(part.parts), ROWS))
    key = items[0].key if items else ()
    names = dict.fromkeys(name for item in items for name in item.values)
    of_bytes = {name for item in items for name in item.of_bytes}
    columns = (
        Seen(
            name,
            pa.array([item.values.get(name) for item in items], pa.string()),
            is_bytes=name in of_bytes,
        )
        for name in names
    )
    return Sample(tuple(columns), len(items), OF_ITEMS, key=key)


def _telling(items: Iterator[Item]) -> Iterator[Item]:
    """The first items, and of the others those that show a new attribute."""
    seen: set[str] = set()
    for number, item in enumerate(items):
        if number < ROWS or not item.values.keys() <= seen:
            seen |= item.values.keys()
            yield item


def _is_bytes(part: FilePart, found: Peek, name: str) -> bool:
    """Whether more than few values of this column of a parquet file are no text."""
    landed = rejected = 0
    try:
        for batch in _batches(part, found, (), {*found.cells} - {name}):
            landed += batch.rows.num_rows - batch.rows.column(0).null_count
            rejected += len(batch.rejects)
    except BadExtract as error:
        if error.code != Code.ENCODING:
            raise
        return True  # none of them is text
    return landed < ALL_BUT_FEW * (landed + rejected)


def _below_a_title(
    part: FilePart, told: Told, found: Peek, arrays: list[Any], nulls: tuple[str, ...]
) -> tuple[bool | None, Peek, list[Any]]:
    """The header, the look and the values of a file that seems to have lines above its table.

    They are a title where names follow beyond doubt. Else they may be rows, those of the table where they are padded.
    """
    has_names = _tells_header(arrays, _separator(arrays))
    if has_names and told.header is not False:
        return True, found, arrays
    unpadded = peek(part, replace(told, header=False))
    if many := unpadded.skip_lines:
        if told.header is not False:
            raise BadSettings(
                f"{part.name}: nothing tells whether line {many + 1} names the columns:"
                f" say --skip-lines {many} if it does, or --no-header if the lines above it are rows"
            )
        if has_names:
            raise BadSettings(
                f"{part.name}: line {many + 1} names the columns: leave out --no-header, or take out the lines above"
            )
    whole = replace(unpadded, skip_lines=0)
    return told.header, whole, _values(part, whole, nulls)


def _column(number: int, header: str | None) -> Column:
    """A column that takes every value as text."""
    return Column(
        name=f"c{number}",
        type="string",
        file_type=get_args(FileType),
        header=header,
        sensitivity="none",
    )


def _values(
    part: FilePart, found: Peek, nulls: tuple[str, ...], without: Set[str] = frozenset()
) -> list[Any]:
    """The columns' values; null for the columns `without` which the file is read."""
    batches = []
    if {*found.cells} - without:
        batches = [batch.rows for batch in _batches(part, found, nulls, without)]
    rows = min(sum(batch.num_rows for batch in batches), ROWS)
    return [
        pa.nulls(rows, pa.string())
        if cell in without or not batches
        else pa.concat_arrays([batch[f"c{number}"].cast(pa.string()) for batch in batches])[:rows]
        for number, cell in enumerate(found.cells)
    ]


def _batches(
    part: FilePart, found: Peek, nulls: tuple[str, ...], without: Set[str]
) -> Iterator[Batch]:
    """The first batches of the file. The names of a parquet file's columns are read as headers."""
    has_names = found.file == "parquet"
    columns = [
        _column(number, cell if has_names else None)
        for number, cell in enumerate(found.cells)
        if cell not in without
    ]
    extract = trial(
        columns,
        part.name,
        ignored=without,
        file=found.file,
        header=has_names,
        delimiter=found.delimiter,
        quoted=found.quoted,
        encoding=found.encoding,
        nulls=nulls,
    )
    # the header is read as a row here, so the contract's rule for it does not hold
    skipping = extract.delivery.model_copy(update={"skip_lines": found.skip_lines})
    rows = 0
    for batch in read_extract([part], replace(extract, delivery=skipping)):
        yield batch
        rows += batch.rows_in
        if rows >= ROWS:
            return


def _plain(values: Any, type_: str | None) -> Any:
    """The values; moments without the zone of their column, which parquet says, and without a fraction of zeros."""
    return pc.replace_substring_regex(values, r"(\.0+)?Z?$", "") if type_ == "timestamp" else values


def _without_operation(found: Peek, arrays: list[Any]) -> tuple[Peek, list[Any]]:
    """DMS puts its operation in front; the contract does not name it."""
    if {*arrays[0][:1000].to_pylist()} <= {*OPERATIONS}:
        return replace(found, cells=found.cells[1:]), arrays[1:]
    return found, arrays


def _rows_below(arrays: list[Any]) -> int:
    """The rows from the header on, where a line above it may have been read as a row."""
    first = str(arrays[0][0]) if len(arrays[0]) else ""
    return len(arrays[0]) - (first.strip('"').casefold() == "sep=")


def _separator(arrays: list[Any]) -> str:
    """The decimal separator of a file, whether its first line is a header or not."""
    return decimal_separator_of([values[1:_TELLING] for values in arrays])


def _tells_header(arrays: list[Any], separator: str) -> bool | None:
    """Whether the first line names the columns: its cells do not fit the types of their columns. None: nothing tells.

    At least two columns must show this, so that a single odd record is not shown as names of columns.
    """
    says_header = says_values = 0
    for values in arrays:
        first, rest = values[:1].drop_null(), guess(values[1:_TELLING], separator)
        is_text = rest.type == "string" and not rest.formats
        if is_text or not len(first) or any(words_for_none(first)):
            continue
        is_value = guess(first, separator).type == rest.type
        says_values, says_header = says_values + is_value, says_header + (not is_value)
    if says_header >= _WITNESSES and not says_values:
        return True
    if says_values and not says_header:
        return False
    return None


def _refuse_unsound(cells: Sequence[str], name: str) -> None:
    if not cells:
        raise BadSettings(f"{name}: it has no columns")
    folded = [cell.strip().casefold() for cell in cells if cell.strip()]
    if len(set(folded)) < len(folded):
        raise BadSettings(f"{name}: two columns have one name in its header")

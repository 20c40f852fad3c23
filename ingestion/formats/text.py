"""From an object's stored bytes to the UTF-8 that the scanner reads: type, gzip, encoding.

Offsets count from here on: in the object unpacked and, where the contract declares another encoding than UTF-8, turned
into UTF-8. Bytes that are invalid in the declared encoding become a byte that is invalid in UTF-8 too, so that their
rows are quarantined.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from zlib_ng import zlib_ng

from ingestion.codes import Code
from ingestion.contract import Limits
from ingestion.errors import BadExtract
from ingestion.formats.model import Part

BLOCK_SIZE = 2 * 1024 * 1024
GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
MAGIC = (
    GZIP,
    PARQUET,
    b"PK\x03\x04",  # zip, xlsx, docx
    b"PK\x05\x06",
    b"\x89PNG",
    b"\xff\xd8\xff",  # jpeg
    b"GIF8",
    b"%PDF-",
    b"\xd0\xcf\x11\xe0",  # xls of old
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",  # zstandard
    b"7z\xbc\xaf",
    b"ORC",
    b"Obj\x01",  # avro
    b"SQLite format 3",
)
"""The first bytes of files that are not text, whatever their names."""

BYTE_ORDER_MARK = codecs.BOM_UTF8
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NOTHING = (b"", BYTE_ORDER_MARK, *UTF_16_MARKS)
SNIFFED = 512
NOT_AS_JSON = "JSON: have it written as CSV or parquet, in AppFlow by the file format of the flow's destination"
"""The detail of a refusal as wrong_format."""

_JSON = re.compile(rb'\s*(?:\[\s*)?\{\s*(?:\}|"[^"]*"\s*:)')
UNDECODABLE = "\udcff"


def text_blocks(
    part: Part,
    encoding: str,
    limits: Limits,
    *,
    block_size: int = BLOCK_SIZE,
    warnings: Counter[str] | None = None,
) -> Iterator[bytes]:
    """The text of a CSV object in blocks of UTF-8, a byte order mark included.

    At its end `warnings` count `encoding` for a text that is UTF-8, where the contract declares another encoding.

    Raises BadExtract: empty_object, wrong_type, truncated (a broken gzip), too_large, encoding
    (UTF-16 that the contract does not declare).
    """
    with part.open() as stored:
        blocks = _with_first(iter(lambda: stored.read(block_size), b""))
        first = next(blocks, b"")
        if part.name.endswith(".gz"):
            if first and not first.startswith(GZIP):
                raise BadExtract(Code.WRONG_TYPE, detail="not gzip")
            blocks = _with_first(_unpacked(chain([first], blocks), part.size, limits))
            first = next(blocks, b"")
        if first in NOTHING:
            raise BadExtract(Code.EMPTY_OBJECT)
        if first.startswith(MAGIC):
            raise BadExtract(Code.WRONG_TYPE, detail="not text")
        if is_utf_8(encoding):
            if looks_like := _utf_16_of(first):
                raise BadExtract(Code.ENCODING, line=1, detail=looks_like)
            yield first
            yield from blocks
        else:
            found = Counter[str]() if warnings is None else warnings
            yield from _recoded(_watched(chain([first], blocks), found), encoding)


def is_json(start: bytes) -> bool:
    """Whether a file that is not a table begins like JSON: with an object, or a list of objects."""
    return bool(_JSON.match(start.removeprefix(BYTE_ORDER_MARK)))


def first_lines(count: int) -> re.Pattern[bytes]:
    """A pattern of this number of lines, each with its end."""
    return re.compile(rb"(?>[^\r\n]*(?>\r\n|\r|\n)){%d}" % count)


def is_utf_8(encoding: str) -> bool:
    """Whether text in an encoding, as Python names it, needs no recoding."""
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")


def _with_first(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes with a first block that is long enough to be inspected."""
    first = b""
    for block in blocks:
        first += block
        if len(first) >= SNIFFED:
            break
    if first:
        yield first
    yield from blocks


def _unpacked(blocks: Iterable[bytes], packed: int, limits: Limits) -> Iterator[bytes]:
    """Unpack gzip, of several members too; zeros behind the last one are padding."""
    most = min(limits.expanded_bytes, limits.expanded_times * packed)
    total, member = 0, zlib_ng.decompressobj(wbits=31)
    started = False
    for block in blocks:
        rest, full = block, False
        while rest or full:
            if member.eof:
                rest = rest.lstrip(b"\0")
                if not rest:
                    break
                member, started = zlib_ng.decompressobj(wbits=31), False
            try:
                text = member.decompress(rest, BLOCK_SIZE)
            except zlib_ng.error:  # type: ignore[misc]  # an instance, say the stubs
                raise BadExtract(Code.TRUNCATED, detail="broken gzip") from None
            started = True
            total += len(text)
            full = len(text) == BLOCK_SIZE  # then more output may follow, even without input
            if total > most:
                raise BadExtract(Code.TOO_LARGE, detail="gzip")
            if text:
                yield text
            rest = member.unused_data if member.eof else member.unconsumed_tail
    if started and not member.eof:
        raise BadExtract(Code.TRUNCATED, detail="gzip cut short")


def _utf_16_of(start: bytes) -> str | None:
    """The name of the UTF-16 that this is the beginning of: it has a mark, or every other byte of it is NUL.

    NULs in both places are padding, which a storage that lost its power leaves behind a text.
    """
    if start.startswith(UTF_16_MARKS):
        return "UTF-16"
    start = start[: SNIFFED & ~1]
    first, second = (2 * start[side::2].count(0) > len(start[side::2]) for side in (0, 1))
    if first == second:
        return None
    return "UTF-16-BE" if first else "UTF-16-LE"


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNDECODABLE, error.end


codecs.register_error("landfall_mark", _mark_undecodable)


def _watched(blocks: Iterator[bytes], warnings: Counter[str]) -> Iterator[bytes]:
    """The same bytes. Text of another encoding than UTF-8 is hardly ever UTF-8 too, unless it is ASCII alone."""
    decoder, is_ascii = codecs.getincrementaldecoder("utf-8")(), True
    for block in blocks:
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            yield block
            break
        is_ascii = is_ascii and block.isascii()
        yield block
    else:
        is_cut = bool(decoder.getstate()[0])  # it ends within a character
        warnings[Code.ENCODING] += int(not is_ascii and not is_cut)
    yield from blocks


def _recoded(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="landfall_mark")
    try:
        for block in blocks:
            yield decoder.decode(block).encode(errors="surrogateescape")
        yield decoder.decode(b"", final=True).encode(errors="surrogateescape")
    except UnicodeError:  # of UTF-16 that does not tell its order of bytes
        raise BadExtract(Code.ENCODING, line=1, detail="no byte order mark") from None

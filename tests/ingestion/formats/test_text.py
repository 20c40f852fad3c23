"""What an object's bytes are before they are lines: gzip, other types, encodings."""

import codecs
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import BadExtract
from ingestion.formats.text import text_blocks
from tests.ingestion.formats.support import Bytes, column, extract_of, read, read_in_blocks

PLAIN = extract_of(column("id"), column("name"))
TEXT = b"id,name\n" + b"".join(b"%d,row %d\n" % (n, n * n) for n in range(2000))
PACKED = gzip.compress(TEXT)


def unpacked(data: bytes, size: int, name: str = "t.csv.gz", **limits: int) -> bytes:
    bounds = PLAIN.table.limits.model_copy(update=limits)
    return b"".join(text_blocks(Bytes(name, data), "utf-8", bounds, block_size=size))


def refusal(data: bytes, name: str = "t.csv", extract=PLAIN) -> tuple[str, int | None]:
    with pytest.raises(BadExtract) as refused:
        read(data, extract, name)
    return refused.value.code, refused.value.line


@given(st.integers(1, 20_000), st.integers(0, 3), st.integers(0, 5))
def test_gzip_of_several_members_with_padding_is_unpacked_whatever_the_block_size(
    size, more, zeros
):
    data = PACKED * (more + 1) + b"\0" * zeros
    assert unpacked(data, size) == TEXT * (more + 1)


def test_gzip_that_unpacks_to_much_more_than_a_block_is_whole():
    text = b"id,name\n" + b"1,a\n" * 1_300_000
    assert unpacked(gzip.compress(text), 1 << 16, expanded_times=10_000) == text


@given(st.integers(1, len(PACKED) - 1))
def test_gzip_cut_anywhere_is_truncated(length):
    if length < 2:  # then it is not even known for gzip
        return
    with pytest.raises(BadExtract) as refused:
        unpacked(PACKED[:length], 1000)
    assert refused.value.code == "truncated"


def test_gzip_with_a_wrong_checksum_or_a_broken_body_is_truncated():
    assert refusal(PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "t.csv.gz")[0] == "truncated"
    middle = len(PACKED) // 2
    broken = PACKED[:middle] + bytes(255 - b for b in PACKED[middle : middle + 50])
    assert refusal(broken + PACKED[middle + 50 :], "t.csv.gz")[0] == "truncated"


@given(st.integers(0, 31), st.integers(1, 300), st.none() | st.integers(0, 8 * 200))
def test_gzip_with_any_header_and_any_bit_changed_is_judged_as_by_the_standard_library(
    flags, size, changed
):
    data = bytearray(_with_header(flags, TEXT[:300]))
    if changed is not None:
        data[changed // 8 % len(data)] ^= 1 << changed % 8
    if not data.startswith(b"\x1f\x8b"):  # then it is not even known for gzip
        return
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(bytes(data))
    except zlib.error:
        text = b""
    if unpacker.eof and not unpacker.unused_data:
        assert unpacked(bytes(data), size) == text == TEXT[:300]
    else:
        with pytest.raises(BadExtract) as refused:
            unpacked(bytes(data), size)
        assert refused.value.code == "truncated"


def _with_header(flags: int, text: bytes) -> bytes:
    """A gzip whose header has what the flags say: text, a checksum, extra fields, a name, a comment (RFC 1952)."""
    head = b"\x1f\x8b\x08" + bytes([flags, 0, 0, 0, 0, 0, 255])
    options = ((4, b"\x06\0ab\x02\0xy"), (8, b"t.csv\0"), (16, b"a comment\0"))
    head += b"".join(field for flag, field in options if flags & flag)
    if flags & 2:
        head += (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little")
    return head + zlib.compress(text, wbits=-15) + gzip.compress(text)[-8:]


def test_gzip_that_unpacks_to_too_much_is_refused_before_it_is_unpacked():
    bomb = gzip.compress(b"id,name\n" + b"0" * 50_000_000)
    assert refusal(bomb, "t.csv.gz")[0] == "too_large"
    with pytest.raises(BadExtract) as refused:
        unpacked(PACKED, 1000, expanded_bytes=1000)
    assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.csv", b""),
        ("t.csv", codecs.BOM_UTF8),
        ("t.csv.gz", b""),
        ("t.csv.gz", gzip.compress(b"")),
        ("t.csv.gz", gzip.compress(codecs.BOM_UTF8)),
    ],
)
def test_nothing_is_an_empty_object(name, data):
    assert refusal(data, name)[0] == "empty_object"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.csv", PACKED),
        ("t.csv", b"PAR1" + bytes(100)),
        ("t.csv", b"PK\x03\x04" + bytes(100)),
        ("t.csv", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("t.csv.gz", TEXT),
        ("t.csv.gz", gzip.compress(b"PAR1" + bytes(100))),
    ],
)
def test_bytes_that_are_not_what_the_name_says(name, data):
    assert refusal(data, name)[0] == "wrong_type"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_unless_it_is_declared(encoding):
    data = "id,name\n1,Zoë\n2,b\n".encode(encoding)
    assert refusal(data) == ("encoding", 1)
    declared = extract_of(column("id"), column("name"), delivery={"encoding": encoding})
    assert read(data, declared).rows[0]["name"] == "Zoë"


def test_nuls_behind_a_text_are_no_utf_16():
    """A storage that lost its power has kept a file's length and not its end."""
    assert refusal(b"id,name\n1,a\n" + bytes(4096)) == ("truncated", 3)


def test_utf_16_without_a_byte_order_mark_must_be_declared_with_its_order():
    data = "id,name\n1,Zoë\n".encode("utf-16-le")
    declared = extract_of(column("id"), column("name"), delivery={"encoding": "utf-16"})
    assert refusal(data, extract=declared) == ("encoding", 1)


@given(
    st.text(st.characters(codec="cp1252", exclude_characters='",\r\n'), min_size=1),
    st.integers(1, 9),
)
def test_a_declared_encoding_is_read_and_what_it_lacks_is_quarantined(name, size):
    extract = extract_of(
        column("id"), column("name", empty="text"), delivery={"encoding": "cp1252"}
    )
    data = b"id,name\n1,x" + name.encode("cp1252") + b"x\n2,\x81\n3,b\n"
    result = read(data, extract)
    codes = [reject.code for reject in result.rejects]
    assert [row["id"] for row in result.rows if row["id"] != "1"] == ["3"]
    assert codes[-1] == "encoding"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
def test_a_text_that_is_utf_8_where_another_encoding_is_declared_is_warned_of(size):
    extract = extract_of(column("id"), column("name"), delivery={"encoding": "cp1252"})
    for text, encoding, warned in (
        ("1,Zoë\n2,b\n", "utf-8", {"encoding": 1}),
        ("1,Zoë\n2,Zoë€\n", "cp1252", {}),
        ("1,a\n2,Zoë\n", "cp1252", {}),
        ("1,a\n2,b\n", "utf-8", {}),
    ):
        data = ("id,name\n" + text).encode(encoding)
        result = read_in_blocks(data, extract, size)
        assert (len(result.rows), result.warnings) == (2, warned)
    cut = "id,name\n1,Zoë\n2,Zo".encode() + "ë".encode()[:1]
    assert read(cut, extract).warnings == {}


def test_a_cut_character_at_the_end_of_a_declared_encoding_is_no_character():
    extract = extract_of(column("id"), column("name"), delivery={"encoding": "utf-16-le"})
    data = "id,name\n1,a\n2,b".encode("utf-16-le") + b"\xe9"
    assert [reject.code for reject in read(data, extract).rejects] == ["encoding"]


@given(st.text(min_size=1), st.integers(1, 50))
def test_characters_may_be_cut_by_a_block_border(name, size):
    text = '"' + name.replace('"', '""') + '"'
    data = b"id,name\n" + f"1,{text}\n".encode(errors="surrogatepass")
    blocks = text_blocks(Bytes("t.csv", data), "utf-8", PLAIN.table.limits, block_size=size)
    assert b"".join(blocks) == data


def test_deflate_without_a_gzip_header_is_no_gzip():
    assert refusal(zlib.compress(TEXT), "t.csv.gz")[0] == "wrong_type"

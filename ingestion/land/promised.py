"""What the record of a set promised is held against what was read, before anything is committed."""

import base64
import hashlib
from collections.abc import Iterable

from ingestion.errors import BadExtract
from ingestion.land.parts import LocalPart
from ingestion.sets import Promise

_BLOCK = 1 << 20


def refuse_other_bytes(promise: Promise, parts: Iterable[LocalPart]) -> None:
    """Raise BadExtract incomplete_export when a part's MD5 is not the one that its record gives."""
    for number, part in enumerate(parts, 1):
        said = promise.md5.get(part.stored.key)
        if said is not None and said != _md5(part):
            raise BadExtract("incomplete_export", detail=f"the MD5 of file {number} does not hold")


def refuse_other_count(promised: int | None, rows_in: int) -> None:
    """Raise BadExtract incomplete_export when there are not as many records as the set's record says."""
    if promised is not None and promised != rows_in:
        raise BadExtract(
            "incomplete_export", detail=f"{rows_in} rows, the set's record says {promised}"
        )


def _md5(part: LocalPart) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with part.open() as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return base64.b64encode(digest.digest()).decode()

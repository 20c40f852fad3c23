"""Pseudonyms: keyed HMAC-SHA256, added at landing and never in SQL.

The message is `domain NUL value`, so that equal identifiers of one domain join across tables and identifiers of
different domains never do. The lake remembers which key made its pseudonyms and refuses any other.
"""

import hashlib
import json
from collections.abc import Iterable

from ingestion.arrow import Array, pa
from ingestion.aws import read_secret
from ingestion.errors import BadSettings, LandingFailed
from ingestion.store import Store

KEY_RECORD = "manifests/pseudonym_key.json"
_SHORTEST_KEY = 32  # bytes: the width of the hash
_FEWEST_BYTES = 16  # different ones; 32 random bytes have 30, and fewer than 16 never by chance
_BLOCK = hashlib.sha256().block_size
_LABEL = b"landfall pseudonym key\0"


class Pseudonymiser:
    """Makes pseudonyms under one key. `key_id` identifies the key without revealing it; repr never shows the key."""

    def __init__(self, key: bytes) -> None:
        if len(key) < _SHORTEST_KEY:
            raise BadSettings(
                f"the pseudonym key is too short: it must have at least {_SHORTEST_KEY} bytes"
            )
        if len(set(key)) < _FEWEST_BYTES:
            raise BadSettings(
                f"the pseudonym key is too weak: it has fewer than {_FEWEST_BYTES} different bytes"
            )
        self.key_id = hashlib.sha256(_LABEL + key).hexdigest()[:16]
        padded = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        # HMAC by hand (RFC 2104): copying the two prepared states is twice as fast as hmac.digest per value
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    @classmethod
    def from_hex(cls, text: str) -> "Pseudonymiser":
        """From the key as LANDFALL_KEY carries it; BadSettings when it is not hex, too short or too uniform."""
        try:
            return cls(bytes.fromhex(text.strip()))
        except ValueError as error:
            raise BadSettings("the pseudonym key is not hexadecimal") from error

    def column(self, values: Array, domain: str) -> Array:
        """The pseudonyms of a column, lower-case hex of 64 characters; a null stays null."""
        encoded = values.cast(pa.string()).dictionary_encode()
        made = self.values(encoded.dictionary.to_pylist(), domain)
        return pa.array(made, pa.string()).take(encoded.indices)

    def value(self, text: str, domain: str) -> str:
        """The pseudonym of one identifier."""
        return self.values([text], domain)[0]

    def values(self, texts: Iterable[str], domain: str) -> list[str]:
        """The pseudonyms of some identifiers, in their order."""
        inner = self._inner.copy()
        inner.update(domain.encode() + b"\0")
        begin, end, made = inner.copy, self._outer.copy, []
        for text in texts:
            first, second = begin(), end()
            first.update(text.encode())
            second.update(first.digest())
            made.append(second.hexdigest())
        return made


def read_key(key: str | None, secret: str | None) -> Pseudonymiser | None:
    """The pseudonymiser of the settings: the key itself, or else the Secrets Manager secret that holds it as hex.

    None when neither is given. BadSettings when the key cannot be used or the secret cannot be read.
    """
    if key:
        return Pseudonymiser.from_hex(key)
    return Pseudonymiser.from_hex(read_secret(secret, "LANDFALL_KEY_SECRET")) if secret else None


def refuse_other_key(store: Store, pseudonyms: Pseudonymiser, *, remember: bool) -> None:
    """Compare the key with the one that the lake has recorded; record the first one if `remember`.

    BadSettings for another key: its pseudonyms would not join with earlier loads.
    """
    data = store.read(KEY_RECORD)
    if data is None and remember:
        store.put_if_absent(KEY_RECORD, json.dumps({"key_id": pseudonyms.key_id}).encode())
        data = store.read(KEY_RECORD)
        if data is None:
            raise LandingFailed(
                f"{KEY_RECORD} is missing, although the storage has said that it exists: run again"
            )
    if data is not None and _key_id(data) != pseudonyms.key_id:
        raise BadSettings(
            "this is not the pseudonym key of the lake: pseudonyms would join with nothing in it"
        )


def _key_id(record: bytes) -> str:
    try:
        return str(json.loads(record)["key_id"])
    except (ValueError, KeyError, TypeError):
        raise LandingFailed(f"{KEY_RECORD} is damaged: verify says how to repair it") from None

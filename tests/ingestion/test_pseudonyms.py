"""Pseudonyms: their form, and the source of the key."""

import hashlib
import hmac

import boto3
import pyarrow as pa
import pytest

from ingestion.errors import BadSettings
from ingestion.pseudonyms import Pseudonymiser, read_key
from tests.ingestion.lakes import KEY, OTHER_KEY


def test_a_pseudonym_is_the_hmac_of_domain_nul_value() -> None:
    made = Pseudonymiser.from_hex(KEY).value("C1", "person")
    assert made == hmac.new(bytes.fromhex(KEY), b"person\0C1", hashlib.sha256).hexdigest()


@pytest.mark.parametrize("length", [32, 64, 65, 100])
def test_keys_of_any_length_are_those_of_hmac(length: int) -> None:
    key = bytes(range(length))
    assert (
        Pseudonymiser(key).value("é", "d")
        == hmac.new(key, "d\0é".encode(), hashlib.sha256).hexdigest()
    )


def test_domains_and_keys_separate() -> None:
    one, other = Pseudonymiser.from_hex(KEY), Pseudonymiser.from_hex(OTHER_KEY)
    made = {
        one.value("C1", "person"),
        one.value("C1", "account"),
        other.value("C1", "person"),
        one.value("c1", "person"),
    }
    assert len(made) == 4
    assert one.key_id != other.key_id
    assert one.key_id not in KEY and len(one.key_id) == 16


def test_a_column_keeps_its_nulls_and_order() -> None:
    key = Pseudonymiser.from_hex(KEY)
    made = key.column(pa.array(["a", None, "b", "a"]), "d").to_pylist()
    assert made == [key.value("a", "d"), None, key.value("b", "d"), key.value("a", "d")]
    assert key.column(pa.array([12, None], pa.int64()), "d").to_pylist() == [
        key.value("12", "d"),
        None,
    ]
    assert key.column(pa.array([], pa.string()), "d").to_pylist() == []


@pytest.mark.parametrize(
    "text", ["xyz", "00" * 31, "0" * 63, "5c" * 32, bytes(range(15)).hex() * 3]
)
def test_a_key_that_cannot_be_used_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(BadSettings) as error:
        read_key(text, None)
    assert text not in str(error.value)


def test_the_key_never_shows() -> None:
    assert KEY not in repr(Pseudonymiser.from_hex(KEY)) and KEY not in str(
        vars(Pseudonymiser.from_hex(KEY))
    )


def test_the_key_comes_from_secrets_manager(aws: str) -> None:
    boto3.client("secretsmanager").create_secret(Name="landfall/key", SecretString=KEY)
    found = read_key(None, "landfall/key")
    assert found and found.key_id == Pseudonymiser.from_hex(KEY).key_id
    with pytest.raises(BadSettings, match="ResourceNotFoundException"):
        read_key(None, "no/such")
    assert read_key(None, None) is None

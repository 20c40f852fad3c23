"""The address and credentials of a source's live database, from a setting or a secret of AWS.

Only a server that has proved its identity gets the password. A weaker check needs a setting, and is allowed for a
server on this machine alone (docs/decisions/the_password_is_for_the_server.md).

A secret is JSON in RDS's form
(https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html).
"""

import ipaddress
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ingestion.aws import read_secret
from ingestion.errors import BadSettings

ENGINES = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
PORTS = {"postgresql": 5432, "mysql": 3306}
TLS_MODES = ("verify-full", "verify-ca", "require", "prefer", "disable")
"""libpq's words, the strict one first; it is the default."""

LOGINS = ("scram-sha-256", "md5", "password")
"""The ways in which PostgreSQL may ask for the password: libpq's words for require_auth, the strict one first."""

_WORDS = {"sslmode": TLS_MODES, "require_auth": LOGINS}


@dataclass(frozen=True, kw_only=True)
class Address:
    """A database of `engine` postgresql or mysql. `tls` is one of TLS_MODES, `login` one of LOGINS.

    `tls_root` is a file of certificates; without one the system's certificates are trusted.
    """

    engine: str
    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    tls: str = TLS_MODES[0]
    tls_root: str | None = None
    login: str = LOGINS[0]

    @property
    def is_checked(self) -> bool:
        """Whether the server must prove its identity by its certificate."""
        checks_by_root = self.tls == "require" and self.tls_root is not None  # as libpq takes it
        return self.tls.startswith("verify-") or checks_by_root


def address_of(source: str, environ: Mapping[str, str] = os.environ) -> Address:
    """The address of a source's database, from its setting or its secret. BadSettings when neither can be used."""
    url_name = f"LANDFALL_DATABASE_{source.upper()}"
    secret_name = f"LANDFALL_DATABASE_SECRET_{source.upper()}"
    if url := environ.get(url_name):
        return _from_url(url, url_name)
    if secret := environ.get(secret_name):
        return _from_secret(read_secret(secret, secret_name), secret_name)
    raise BadSettings(
        f"no database for {source}: set {secret_name} to the name of a secret, or {url_name} to an address"
    )


def _from_url(url: str, setting: str) -> Address:
    try:
        parts = urlsplit(url)
        words = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        if set(words) - {"sslrootcert", *_WORDS}:
            raise ValueError("unknown word")
        given: dict[str, Any] = {
            "engine": parts.scheme,
            "host": parts.hostname,
            "port": parts.port,
            "dbname": unquote(parts.path.lstrip("/")),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
        }
    except ValueError:
        raise BadSettings(
            f"{setting}: not an address, write postgresql://user:password@host:port/database"
            " (then, perhaps, ?sslrootcert=file)"
        ) from None
    return _address(given | words, setting)


def _from_secret(text: str, setting: str) -> Address:
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise BadSettings(f"{setting}: the secret is not a JSON object as RDS writes it")
    return _address(given, setting)


def _address(given: dict[str, Any], setting: str) -> Address:
    """Check what was given."""
    engine = ENGINES.get(str(given.get("engine")))
    if engine is None:
        raise BadSettings(f"{setting}: the engine is none of {', '.join(ENGINES)}")
    for name in ("host", "dbname", "username"):
        if not given.get(name):
            raise BadSettings(f"{setting}: no {name} in it")
    host = str(given["host"])
    modes = {word: _mode(word, given, host, setting) for word in _WORDS}
    try:
        port = int(given.get("port") or PORTS[engine])
    except ValueError:
        raise BadSettings(f"{setting}: the port is not a number") from None
    return Address(
        engine=engine,
        host=host,
        port=port,
        database=str(given["dbname"]),
        user=str(given["username"]),
        password=str(given.get("password") or ""),
        tls=modes["sslmode"],
        tls_root=given.get("sslrootcert"),
        login=modes["require_auth"],
    )


def _mode(word: str, given: dict[str, Any], host: str, setting: str) -> str:
    """The value of a setting of strictness; less than the default is allowed for this machine alone."""
    strict, *weaker = _WORDS[word]
    value = str(given.get(word, strict))
    if value not in (strict, *weaker):
        raise BadSettings(f"{setting}: {word} is none of {', '.join(_WORDS[word])}")
    if value != strict and not _is_loopback(host):
        raise BadSettings(
            f"{setting}: {word}={value} is for a server on this machine (127.0.0.1, ::1, localhost);"
            f" elsewhere it is {strict}, and sslrootcert may name the certificates to trust"
        )
    return value


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

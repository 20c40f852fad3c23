"""Where a source's live database is and with which credentials it is read: an address, or a secret of AWS.

A secret is JSON as RDS writes it (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ingestion.errors import BadSettings
from ingestion.secrets import read_secret

ENGINES = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
PORTS = {"postgresql": 5432, "mysql": 3306}
TLS_MODES = ("disable", "prefer", "require", "verify-full")


@dataclass(frozen=True)
class Address:
    """A database of `engine` postgresql or mysql. `tls` is one of TLS_MODES, `tls_root` a file of certificates."""

    engine: str
    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    tls: str = "prefer"
    tls_root: str | None = None


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
        if set(words) - {"sslmode", "sslrootcert"}:
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
            " (then, perhaps, ?sslmode=verify-full&sslrootcert=file)"
        ) from None
    return _address(given | words, setting, "prefer")


def _from_secret(text: str, setting: str) -> Address:
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise BadSettings(f"{setting}: the secret is no JSON object as RDS writes it")
    return _address(given, setting, "require")


def _address(given: dict[str, Any], setting: str, tls: str) -> Address:
    """Check what was given; `tls` holds where nothing else is said: a secret that wants none has to say so."""
    engine = ENGINES.get(str(given.get("engine")))
    if engine is None:
        raise BadSettings(f"{setting}: the engine is none of {', '.join(ENGINES)}")
    for name in ("host", "dbname", "username"):
        if not given.get(name):
            raise BadSettings(f"{setting}: no {name} in it")
    mode = str(given.get("sslmode", tls))
    if mode not in TLS_MODES:
        raise BadSettings(f"{setting}: sslmode is none of {', '.join(TLS_MODES)}")
    try:
        port = int(given.get("port") or PORTS[engine])
    except ValueError:
        raise BadSettings(f"{setting}: the port is no number") from None
    return Address(
        engine=engine,
        host=str(given["host"]),
        port=port,
        database=str(given["dbname"]),
        user=str(given["username"]),
        password=str(given.get("password") or ""),
        tls=mode,
        tls_root=given.get("sslrootcert"),
    )

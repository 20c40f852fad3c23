"""The certificates for checking a database's server: a named file, or the system's."""

import ssl
from pathlib import Path

from ingestion.errors import BadSettings
from ingestion.extract.address import Address

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Amazon Linux, Red Hat
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # macOS, the BSDs
)


def roots_of(address: Address, where: str) -> str | None:
    """The file of certificates to check the server with, None if it is not checked.

    BadSettings, with the reason, when the file cannot be used.
    """
    if not address.is_checked:
        return None
    path = address.tls_root or _of_the_system()
    if path is None:
        raise BadSettings(f"{where}: this machine has no certificates: name a file by sslrootcert")
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        raise BadSettings(f"{where}: sslrootcert holds no certificates") from None
    except OSError as error:
        raise BadSettings(f"{where}: sslrootcert cannot be read ({error.strerror})") from None
    return path


def tls_context(address: Address, roots: str | None) -> ssl.SSLContext:
    """The TLS context: checks the server by `roots`, and its name if the address says so."""
    context = ssl.create_default_context(cafile=roots)
    if roots is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.check_hostname = address.tls == "verify-full"
    # self-made certificates of databases fail the strict reading of RFC 5280
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _of_the_system() -> str | None:
    """SSL_CERT_FILE if it is set, else the usual file of this system: libpq takes a file, never a folder."""
    known = (ssl.get_default_verify_paths().cafile, *_BUNDLES)
    return next((path for path in known if path and Path(path).is_file()), None)

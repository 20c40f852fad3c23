"""The certificates that a database's server is checked with: a file that is named, or those that the system trusts."""

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
    """The file of certificates to check the server with, None where it is not checked.

    BadSettings, which says what is wrong with the file, when it cannot be used.
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
    """How TLS is spoken: with the server checked by `roots`, and by its name where the address wants that."""
    context = ssl.create_default_context(cafile=roots)
    if roots is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.check_hostname = address.tls == "verify-full"
    # what databases make for themselves lacks what the strict reading of RFC 5280 asks for
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _of_the_system() -> str | None:
    """SSL_CERT_FILE where it is set, else where this kind of system keeps them: libpq takes a file, never a folder."""
    known = (ssl.get_default_verify_paths().cafile, *_BUNDLES)
    return next((path for path in known if path and Path(path).is_file()), None)

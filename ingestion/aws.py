"""AWS for every module: its errors as Landfall's own, its secrets, and DuckDB's access to its S3.

boto3 takes long to load, and a local lake does not need it, so it is imported where it is used.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingestion.errors import BadSettings, LandingFailed

if TYPE_CHECKING:
    from botocore.exceptions import ClientError


S3_SCHEME = "s3://"


def is_on_s3(address: str) -> bool:
    """Whether a lake's address is a bucket's, and not a directory."""
    return address.startswith(S3_SCHEME)


def code_of(error: "ClientError") -> str:
    """The service's own code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def answering(doing: str) -> Iterator[None]:
    """Raise BadSettings where credentials, profile or region are missing or wrong, LandingFailed for a call that AWS
    refuses or does not answer."""
    from boto3.exceptions import S3UploadFailedError
    from botocore import exceptions as told
    from botocore.parsers import ResponseParserError

    settings = (
        told.NoCredentialsError,
        told.PartialCredentialsError,
        told.ProfileNotFound,
        told.ConfigParseError,
        told.NoRegionError,
        told.InvalidRegionError,
    )
    try:
        yield
    except settings as error:
        raise BadSettings(f"AWS: {error}") from error
    except told.ClientError as error:
        raise LandingFailed(f"AWS refused to {doing}: {code_of(error)}") from error
    except (told.BotoCoreError, S3UploadFailedError, ResponseParserError) as error:
        raise LandingFailed(f"AWS did not answer ({doing}): {type(error).__name__}") from error


def caller() -> str:
    """The ARN of the caller of AWS. BadSettings or LandingFailed where STS does not tell."""
    import boto3

    with answering("say who calls"):
        return str(boto3.client("sts").get_caller_identity()["Arn"])


def read_secret(name: str, setting: str) -> str:
    """The text of a secret. BadSettings, naming the setting that named it, when it cannot be read."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = boto3.client("secretsmanager").get_secret_value(SecretId=name)
    except ClientError as error:
        raise BadSettings(f"{setting}: {code_of(error)}") from error
    except BotoCoreError as error:
        raise BadSettings(f"{setting} cannot be read: {type(error).__name__}") from error
    if "SecretString" not in answer:
        raise BadSettings(f"{setting}: the secret holds no text")
    return str(answer["SecretString"])


_VARIABLES = {
    "region": "AWS_REGION",
    "key_id": "AWS_ACCESS_KEY_ID",
    "secret": "AWS_SECRET_ACCESS_KEY",
    "session_token": "AWS_SESSION_TOKEN",
    "endpoint": "LANDFALL_S3_ENDPOINT",
    "url_style": "LANDFALL_S3_STYLE",
    "use_ssl": "LANDFALL_S3_SSL",
}
"""The variable of dbt's profile for each option of a secret."""


@dataclass(frozen=True)
class S3Access:
    """What a DuckDB secret of type s3 needs. `endpoint` is host and port; None is Amazon's own."""

    region: str
    key_id: str = field(repr=False)
    secret: str = field(repr=False)
    session_token: str = field(repr=False)
    endpoint: str | None
    use_ssl: bool

    @classmethod
    def as_boto3_finds_it(cls) -> "S3Access":
        """Ask boto3's chain: environment, profile, role; and AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL."""
        import boto3

        session = boto3.Session()
        credentials = session.get_credentials()
        frozen = credentials.get_frozen_credentials() if credentials else None
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        address = urlsplit(endpoint) if endpoint else None
        return cls(
            region=session.region_name or "us-east-1",
            key_id=(frozen.access_key if frozen else None) or "",
            secret=(frozen.secret_key if frozen else None) or "",
            session_token=(frozen.token if frozen else None) or "",
            endpoint=address.netloc if address else None,
            use_ssl=address is None or address.scheme != "http",
        )

    def secret_options(self) -> dict[str, str]:
        """The options of `create secret (type s3, …)`."""
        options = {
            "region": self.region,
            "key_id": self.key_id,
            "secret": self.secret,
            "session_token": self.session_token,
            "endpoint": self.endpoint,
            "url_style": "path" if self.endpoint else None,
            "use_ssl": None if self.use_ssl else "false",
        }
        return {name: value for name, value in options.items() if value}

    def environment(self) -> dict[str, str]:
        """The variables from which profiles.yml.example makes the same secret for dbt."""
        options = {"use_ssl": "true"} | self.secret_options()
        return {_VARIABLES[name]: value for name, value in options.items()}

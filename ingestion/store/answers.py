"""What AWS answers, turned into Landfall's own errors: one line, with the service's code and never a value."""

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from ingestion.errors import BadSettings, LandingFailed
from ingestion.store.base import NotAllowed, ObjectChanged

_GONE = ("404", "NoSuchKey", "NotFound", "412", "PreconditionFailed", "InvalidRange", "416")
_FORBIDDEN = ("403", "AccessDenied", "AllAccessDisabled", "InvalidObjectState")


def code_of(error: ClientError) -> str:
    """The service's own code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def answering(doing: str, of_object: bool = False) -> Iterator[None]:
    """Raise BadSettings or LandingFailed for what AWS refuses; of one object also ObjectChanged and NotAllowed."""
    try:
        yield
    except (NoCredentialsError, NoRegionError) as error:
        raise BadSettings(f"AWS: {error}") from error
    except ClientError as error:
        code = code_of(error)
        if of_object and code in _GONE:
            raise ObjectChanged(code) from error
        if of_object and (code in _FORBIDDEN or code.startswith("KMS.")):
            raise NotAllowed(code) from error
        raise LandingFailed(f"AWS refused to {doing}: {code}") from error
    except (BotoCoreError, S3UploadFailedError) as error:
        raise LandingFailed(f"AWS did not answer ({doing}): {type(error).__name__}") from error

"""The person at work: for the records of acts on the lake."""

import getpass
import os

from ingestion.aws import caller
from ingestion.errors import LandfallError
from ingestion.store import S3_SCHEME


def acting(lake: str) -> str:
    """The IAM identity (ARN) that reaches a lake on S3; else, or where STS does not answer, this machine's user."""
    if lake.startswith(S3_SCHEME):
        try:
            return caller()
        except LandfallError:
            pass
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"

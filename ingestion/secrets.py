"""Secrets Manager, for the settings that name a secret instead of saying it."""

from ingestion.errors import BadSettings


def read_secret(name: str, setting: str) -> str:
    """The text of a secret. BadSettings, naming the setting that named it, when it cannot be read."""
    import boto3  # slow to load, and only wanted here
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = boto3.client("secretsmanager").get_secret_value(SecretId=name)
    except ClientError as error:
        raise BadSettings(f"{setting}: {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise BadSettings(f"{setting} cannot be read: {type(error).__name__}") from error
    if "SecretString" not in answer:
        raise BadSettings(f"{setting}: the secret holds no text")
    return str(answer["SecretString"])

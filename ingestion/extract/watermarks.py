"""How far each table of a source has been extracted: in Systems Manager where the lake is on S3, else in the lake."""

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from ingestion.aws import S3_SCHEME, answering, code_of, is_on_s3
from ingestion.errors import LandingFailed
from ingestion.store import Record, Store

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

_MISSING = ("ParameterNotFound", "ParameterVersionNotFound")


class Watermarks(Record):
    """The watermarks of one source: the next one of each table, and the newest folder's time. UTC without zone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tables: dict[str, datetime] = Field(default_factory=dict)
    newest: datetime = datetime.min


class LakeKeeper:
    """An object of a local lake, beside the manifests."""

    def __init__(self, store: Store, source: str) -> None:
        self._store, self.name = store, f"manifests/extract/{source}.json"

    def read(self) -> Watermarks:
        """The object's content; no watermarks when nothing was extracted yet."""
        data = self._store.read(self.name)
        return _parsed(data, self.name) if data else Watermarks()

    def write(self, watermarks: Watermarks) -> None:
        """Replace the object. Every file that was put into the inbox before is on disk by then."""
        self._store.put(self.name, watermarks.to_bytes())


class ParameterKeeper:
    """A parameter of Systems Manager, named after the lake: `/landfall/<bucket>/<prefix>/<source>/watermarks`."""

    def __init__(self, lake: str, source: str) -> None:
        self.name = f"/landfall/{lake.removeprefix(S3_SCHEME)}/{source}/watermarks"

    def read(self) -> Watermarks:
        """The parameter's value; no watermarks when nothing was extracted yet."""
        from botocore.exceptions import ClientError

        with answering(f"read the parameter {self.name}"):
            try:
                answer = self._client().get_parameter(Name=self.name)
            except ClientError as error:
                if code_of(error) in _MISSING:
                    return Watermarks()
                raise
            return _parsed(answer["Parameter"]["Value"], self.name)

    def write(self, watermarks: Watermarks) -> None:
        """Replace the parameter's value."""
        with answering(f"write the parameter {self.name}"):
            self._client().put_parameter(
                Name=self.name, Value=watermarks.model_dump_json(), Type="String", Overwrite=True
            )

    @staticmethod
    def _client() -> "SSMClient":
        import boto3  # slow to load, and a local lake needs none of it

        return boto3.client("ssm")


def keeper_of(store: Store, source: str) -> LakeKeeper | ParameterKeeper:
    """Where the watermarks of a source in this lake are kept; its methods raise LandingFailed without an answer."""
    if is_on_s3(store.root):
        return ParameterKeeper(store.root, source)
    return LakeKeeper(store, source)


def _parsed(text: str | bytes, name: str) -> Watermarks:
    if (found := Watermarks.of(text)) is None:
        raise LandingFailed(f"{name} holds no watermarks: another program has written into it")
    return found

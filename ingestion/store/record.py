"""Small records of the lake, which are JSON."""

from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class Record(BaseModel):
    """A record as it is stored; it never changes, a later one takes its place."""

    model_config = ConfigDict(frozen=True)

    def to_bytes(self) -> bytes:
        """The record's JSON, with its keys in the order of its class."""
        return self.model_dump_json().encode()

    @classmethod
    def of(cls, data: bytes | str | None) -> Self | None:
        """The record of which this is the JSON; None for no data, or for other data."""
        try:
            return cls.model_validate_json(data or b"")
        except ValidationError:
            return None

"""How DuckDB reaches S3: by the credentials, region and endpoint that boto3 finds, for the lander and for dbt alike."""

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit


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
        import boto3  # takes its time to load, and a local lake needs none of it

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
        options = {"region": self.region}
        if self.key_id:
            options |= {"key_id": self.key_id, "secret": self.secret}
        if self.session_token:
            options["session_token"] = self.session_token
        if self.endpoint:
            options |= {"endpoint": self.endpoint, "url_style": "path"}
        return options | ({} if self.use_ssl else {"use_ssl": "false"})

    def environment(self) -> dict[str, str]:
        """The variables from which profiles.yml.example makes the same secret for dbt."""
        found = {"AWS_REGION": self.region, "LANDFALL_S3_SSL": str(self.use_ssl).lower()}
        if self.key_id:
            found |= {"AWS_ACCESS_KEY_ID": self.key_id, "AWS_SECRET_ACCESS_KEY": self.secret}
        if self.session_token:
            found["AWS_SESSION_TOKEN"] = self.session_token
        if self.endpoint:
            found |= {"LANDFALL_S3_ENDPOINT": self.endpoint, "LANDFALL_S3_STYLE": "path"}
        return found

"""`verify`: whether every object of the manifests is in the lake, and catalogue and history agree with them."""

from ingestion.verify.finding import Finding
from ingestion.verify.verify import verify

__all__ = ["Finding", "verify"]

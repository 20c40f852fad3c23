"""`verify`: whether everything that the manifests promise is in the lake, and what is made of it agrees with them."""

from ingestion.verify.finding import Finding
from ingestion.verify.verify import verify

__all__ = ["Finding", "verify"]

"""The code of an analysis as one file that travels with its jobs (docs/bundles.md)."""

from .archive import Bundle, pack, put
from .arrival import BundleError, unpack
from .contents import Contents

__all__ = ["Bundle", "BundleError", "Contents", "pack", "put", "unpack"]

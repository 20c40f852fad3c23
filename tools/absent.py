"""A package that is not installed, and is not looked for."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType


def keep_out(name: str) -> None:
    """Let no module of this name be found, without a search of the whole path."""
    sys.meta_path.insert(0, _Absent(name))


class _Absent(MetaPathFinder):
    """Knows that there is no such module."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """None, but for the one name: ModuleNotFoundError."""
        if fullname == self._name:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)

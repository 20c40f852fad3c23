"""Trino, fetched once and kept in the user's cache: `$XDG_CACHE_HOME/landfall/trino-476`.

The archive (821 MB) comes through jgo, which knows where Maven artifacts are; an interrupted download goes on where it
stopped. Only the server and two plugins of the archive are kept (about 500 MB).
"""

import fcntl
import hashlib
import json
import os
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import IO

import requests
from jgo.maven import Artifact, MavenContext, PythonResolver
from jgo.util import http

from tools.standins.processes import Unavailable

VERSION = "476"
SHA256 = "cfd5accde17e8ebd251eeeb78aed1f490e77bb3a164d95a0f454bf8a7c1cbd3f"
KEPT = ("lib/", "plugin/hive/", "plugin/iceberg/")
LIST = "files.json"
BLOCK = 1 << 20


def cache() -> Path:
    """The folder for large downloads, outside any checkout."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "landfall"


def trino_home() -> Path:
    """The directory with Trino's `lib` and `plugin`, installed now if need be.

    Several test runs may ask at once: one installs, the others wait. Raises Unavailable.
    """
    home = cache() / f"trino-{VERSION}"
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with (home.parent / f"{home.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not is_complete(home):
                _install(home)
    except (requests.RequestException, OSError, RuntimeError, tarfile.TarError, EOFError) as error:
        reason = " ".join(str(error).split())[:200]
        raise Unavailable(
            f"Trino {VERSION} is not in {home.parent} and can't be fetched"
            f" ({type(error).__name__}: {reason})"
        ) from error
    return home


def is_complete(home: Path) -> bool:
    """Whether every installed file is still there with its size."""
    try:
        sizes: dict[str, int] = json.loads((home / LIST).read_text())
        return all((home / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def _install(home: Path) -> None:
    archive = _archive(home.parent)
    fresh = home.with_name(f"{home.name}.unpacking")
    for old in (home, fresh):
        shutil.rmtree(old, ignore_errors=True)
    unpack(archive, fresh)
    fresh.rename(home)
    if archive.parent == home.parent:  # the user's own Maven cache is not changed
        archive.unlink()


class Resuming(PythonResolver):
    """A resolver that resumes interrupted downloads, and checks them before use."""

    def __init__(self, target: Path, sha256: str) -> None:
        super().__init__()
        self._target = target
        self._sha256 = sha256

    def download(self, artifact: Artifact) -> Path:
        """Fetch the artifact into `target`; RuntimeError when no repository has it whole."""
        part = self._target.with_suffix(".part")
        for address in artifact.context.remote_repos.values():
            url = f"{address}/{artifact.component.path_prefix.as_posix()}/{artifact.filename}"
            if _fetch(url, part, artifact.context.timeout):
                break
        else:
            raise RuntimeError("no repository has it")
        if checksum(part) != self._sha256:
            part.unlink()
            raise RuntimeError("its checksum is wrong")
        part.rename(self._target)
        return self._target


def _fetch(url: str, part: Path, timeout: float) -> bool:
    """Download the missing rest of `url` into `part`; False when it has nothing."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with http.get(url, stream=True, timeout=timeout, headers=headers) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return True  # nothing is missing
        if answer.status_code not in (requests.codes.ok, requests.codes.partial_content):
            return False
        mode = "ab" if answer.status_code == requests.codes.partial_content else "wb"
        with part.open(mode) as out:
            for block in answer.iter_content(BLOCK):
                out.write(block)
    return True


def _archive(folder: Path) -> Path:
    """The checked archive: from the user's Maven cache, else fetched into `folder`."""
    target = folder / f"trino-server-{VERSION}.tar.gz"
    context = MavenContext(resolver=Resuming(target, SHA256), timeout=60)
    artifact = context.project("io.trino", "trino-server").at_version(VERSION)
    local = artifact.artifact(packaging="tar.gz").cached_path
    for present in (local, target):
        if present is not None and present.exists() and checksum(present) == SHA256:
            return present
    return Resuming(target, SHA256).download(artifact.artifact(packaging="tar.gz"))


def checksum(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(archive: Path, target: Path) -> None:
    """Unpack the kept parts, and the list of their files with sizes.

    Most of a plugin's files are hard links to those of other plugins, which come earlier in the
    archive: a first pass finds which are needed, a second one writes them.
    """
    wanted: dict[str, list[str]] = {}
    with tarfile.open(archive, "r|gz") as tar:
        for member in tar:
            name = _inside(member.name)
            if name.startswith(KEPT) and (member.isreg() or member.islnk()):
                origin = _inside(member.linkname) if member.islnk() else name
                wanted.setdefault(origin, []).append(name)
    sizes: dict[str, int] = {}
    with tarfile.open(archive, "r|gz") as tar:
        for member in tar:
            names = wanted.get(_inside(member.name), [])
            source = tar.extractfile(member) if names and member.isreg() else None
            if source is not None:
                _write(source, [target / name for name in names])
                sizes |= dict.fromkeys(names, member.size)
    if set(sizes) != {name for names in wanted.values() for name in names}:
        raise tarfile.TarError("the archive lacks what its links point to")
    (target / LIST).write_text(json.dumps(sizes))


def _write(source: IO[bytes], paths: list[Path]) -> None:
    """Write a file, and link it to its other names."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path == paths[0]:
            with path.open("wb") as out:
                shutil.copyfileobj(source, out, BLOCK)
        else:
            os.link(paths[0], path)


def _inside(name: str) -> str:
    """A member's path within the archive's one top folder."""
    return PurePosixPath(*PurePosixPath(name).parts[1:]).as_posix()

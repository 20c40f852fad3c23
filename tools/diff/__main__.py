"""Build the same invented extracts at two commits and print what differs, and what of the interface is gone:
`python -m tools.diff REV [--days N]`."""

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.diff.marts import compared
from tools.project import ROOT

DAYS = 8
REFUSED = 3
MANIFEST = Path("target/run/manifest.json")
"""Where a run leaves dbt's manifest, in the tree."""

INTERFACE = Path("tools/diff/interface.py")

OPERATIONS = "operations"
"""The schema about runs and their times, which differ in every build: only its columns are compared."""


class DiffFailed(Exception):
    """One of the two could not be built."""


@contextmanager
def checkout(revision: str, folder: Path) -> Iterator[Path]:
    """The tree of a commit, in a worktree that is removed at the end."""
    git = ("git", "-C", str(ROOT))
    added = [*git, "worktree", "add", "--quiet", "--detach", str(folder), revision]
    if subprocess.run(added, check=False).returncode:
        raise DiffFailed(f"no such commit: {revision}")
    try:
        yield folder
    finally:
        subprocess.run([*git, "worktree", "remove", "--force", str(folder)], check=True)


def warehouse_of(folder: Path) -> Path:
    """The file that is built there. Views name the database that they read, which is called like its file."""
    return folder / f"{folder.name}.duckdb"


def build(tree: Path, extracts: Path, into: Path, key: str) -> dict[str, Any]:
    """Land the extracts and build the warehouse with this tree; returns dbt's manifest."""
    shutil.copytree(extracts, into / "lake" / "inbox")
    (into / "profiles").mkdir()
    shutil.copy(tree / "profiles.yml.example", into / "profiles" / "profiles.yml")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LANDFALL_", "DBT_"))}
    settings = {
        "LANDFALL_PROJECT": str(tree),
        "LANDFALL_LAKE": str(into / "lake"),
        "LANDFALL_WAREHOUSE": str(warehouse_of(into)),
        "LANDFALL_KEY": key,
        "DBT_PROFILES_DIR": str(into / "profiles"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "ingestion", "run"],
        cwd=tree,
        env={**kept, **settings},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode not in (0, REFUSED):
        raise DiffFailed(f"{tree}: `run` ended with {done.returncode}")
    manifest: dict[str, Any] = json.loads((tree / MANIFEST).read_text())
    return manifest


def marts_of(manifest: dict[str, Any]) -> dict[str, list[str]]:
    """The key of each mart, by `schema.name`."""
    return {
        f"{node['schema']}.{node['name']}": list(node["config"]["meta"].get("grain", []))
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["original_file_path"].startswith(("models/marts/", "models/restricted/"))
    }


def interface(tree: Path) -> set[str]:
    """What a tree promises whose warehouse is built, a line for each name (interface.py)."""
    script = tree / INTERFACE
    words = [sys.executable, str(script if script.exists() else ROOT / INTERFACE), str(MANIFEST)]
    done = subprocess.run(words, cwd=tree, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise DiffFailed(f"{tree}: its interface cannot be read")
    return set(done.stdout.splitlines())


def differences(revision: str, days: int) -> Iterator[str]:
    """A line for each mart that differs, and one that counts the others."""
    with TemporaryDirectory(prefix="landfall-diff-") as place:
        folder, key = Path(place), secrets.token_hex(32)
        extracts = folder / "extracts"
        words = ["samples", str(extracts), "--days", str(days), "--quiet"]
        subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=True)
        with checkout(revision, folder / "tree-of-base") as base:
            before = marts_of(build(base, extracts, folder / "base", key))
            promised = interface(base)
        with checkout("HEAD", folder / "tree-of-head") as head:
            after = marts_of(build(head, extracts, folder / "head", key))
            gone = sorted(promised - interface(head))
        grains = before | after
        schemas = frozenset(name.split(".")[0] for name in grains)
        same = 0
        built = (warehouse_of(folder / "base"), warehouse_of(folder / "head"))
        for one in compared(*built, grains, schemas, frozenset({OPERATIONS})):
            if one:
                yield str(one)
            else:
                same += 1
        yield f"{same} marts are the same, cell by cell"
        yield from (f"gone from the interface: {line}" for line in gone)


def main() -> int:
    """0 whatever differs, 1 and one line when one of the two could not be built."""
    parser = argparse.ArgumentParser(prog="python -m tools.diff", description=__doc__)
    parser.add_argument("base", help="the commit to compare HEAD with")
    parser.add_argument("--days", type=int, default=DAYS, help="days of invented extracts")
    given = parser.parse_args()
    try:
        for line in differences(given.base, given.days):
            sys.stdout.write(f"{line}\n")
    except DiffFailed as error:
        sys.stderr.write(f"diff: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The tree as the Dockerfile lays it out, of the checkout and of this machine's Python, where no image is built."""

import json
import re
import shutil
import sys
import sysconfig
from pathlib import Path

from tools.image.container import Image
from tools.project import ROOT

SYSTEM = ("usr", "bin", "sbin", "lib", "lib64", "etc")
"""The place of the base image's files."""


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions of the last stage, each with its words on one line."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    found = [line.split(" ", 1) for line in text.splitlines() if re.match(r"[A-Z]+ ", line)]
    last = max(number for number, (name, _) in enumerate(found) if name == "FROM")
    return [(name, words.strip()) for name, words in found[last:]]


def laid_out(root: Path) -> Image:
    """Copy what the image copies below `root`; Python and the installed libraries are those of the tests."""
    said = instructions()
    words = dict(said)
    folder = words["WORKDIR"]
    for name in (*SYSTEM, "proc", "tmp", "dev", "data", folder[1:]):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name, text in said:
        if name == "COPY":
            _copy(text, root / folder[1:])
    python = Path(sysconfig.get_config_var("installed_base"))
    mounts = {Path("/") / name: name for name in SYSTEM if (Path("/") / name).is_dir()}
    mounts |= {python: str(python)[1:], Path(sys.prefix).resolve(): f"{folder[1:]}/.venv"}
    for place in mounts.values():
        (root / place).mkdir(parents=True, exist_ok=True)
    return Image(
        root=root,
        user=words["USER"],
        folder=folder,
        environment=dict(re.findall(r"(\w+)=(\S+)", words["ENV"])),
        entry=json.loads(words["ENTRYPOINT"]),
        command=json.loads(words["CMD"]),
        mounts=mounts,
    )


def _copy(words: str, folder: Path) -> None:
    """One COPY, of the checkout or of a stage that was made of it."""
    source, target = re.sub(r"--from=\S+ ", "", words).rsplit(" ", 1)
    source = source.removeprefix("/opt/landfall/")
    if source == ".venv":
        return
    if (ROOT / source).is_dir():
        shutil.copytree(
            ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__")
        )
    else:
        shutil.copy(ROOT / source, folder / target)

"""The image that deploy/image/build.sh has made, as buildah has it. Needs root and Debian's buildah."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from samples.practice import Options, write
from tools.image.container import Image, volume

TAG = "localhost/landfall:latest"
STORAGE = os.environ.get("STORAGE") or f"{Path.home()}/.cache/landfall-image"
STORE = ("--root", f"{STORAGE}/storage", "--runroot", f"{STORAGE}/run")


def buildah(*words: str) -> str:
    """buildah's output for these arguments, on the storage of deploy/image/build.sh."""
    environment = os.environ | {"STORAGE_DRIVER": "overlay"}
    done = subprocess.run(
        ["buildah", *STORE, *words], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def configuration() -> dict[str, Any]:
    """The image's configuration: user, command, volumes, labels."""
    told = json.loads(buildah("inspect", "--type", "image", TAG))
    found: dict[str, Any] = told["Docker"]["config"]
    return found


@contextmanager
def mounted() -> Iterator[Image]:
    """The image, mounted, ready to be run."""
    told, container = configuration(), buildah("from", "--pull-never", TAG)
    try:
        yield Image(
            root=Path(buildah("mount", container)),
            user=told["User"],
            folder=told["WorkingDir"],
            environment=dict(line.split("=", 1) for line in told["Env"]),
            entry=told["Entrypoint"],
            command=told["Cmd"],
        )
    finally:
        buildah("umount", container)
        buildah("rm", container)


def delivered(folder: Path, user: str) -> Path:
    """A volume of this user with four days of a practice in its inbox."""
    made = volume(folder, user)
    write(made / "lake/inbox", Options(days=4, patients=60, employees=8, seed=3, clean=True))
    (made / "lake").chmod(0o700)
    for place in (made / "lake", *(made / "lake").rglob("*")):
        os.chown(place, int(user), int(user))
    return made

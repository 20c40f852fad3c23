"""A plain runner of images, as ECS would run them: the image's own user, environment and entry point, a read-only root,
no capability, its own processes, and two places to write. Needs root and Debian's unshare and setpriv, no daemon."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ISOLATED = r"""
set -euo pipefail
root=$1 data=$2 user=$3 folder=$4
shift 4
mount --bind "$root" "$root"
while [[ $1 != -- ]]; do  # more of the machine, read-only: PLACE WITHIN
    mount --bind "$1" "$root/$2"; mount -o remount,bind,ro "$root/$2"
    shift 2
done
shift
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/dev"
for device in null zero random urandom; do
    touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir -m 1777 "$root/dev/shm"
mount --bind "$data" "$root/data"
exec chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs \
    --bounding-set=-all --inh-caps=-all -- env -i --chdir="$folder" "$@"
"""


@dataclass(frozen=True)
class Image:
    """A mounted image: its root in this machine's files, and its configuration.

    `mounts` are places of this machine that are seen within, read-only.
    """

    root: Path
    user: str
    folder: str
    environment: Mapping[str, str]
    entry: Sequence[str]
    command: Sequence[str]
    mounts: Mapping[Path, str] = field(default_factory=dict)

    def start(
        self, data: Path, *words: str, settings: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[str]":
        """Start its entry point with `words`, or with its own command where there are none; `data` is its volume."""
        values = {**self.environment, **(settings or {})}
        places = [word for place, within in self.mounts.items() for word in (str(place), within)]
        isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts"]
        return subprocess.Popen(
            [
                *(*isolated, "bash", "-c", ISOLATED, "container"),
                *(str(self.root), str(data), self.user, self.folder),
                *(*places, "--"),
                *(f"{name}={value}" for name, value in values.items()),
                *(*self.entry, *(words or self.command)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, data: Path, *words: str, settings: Mapping[str, str] | None = None, seconds: int = 600
    ) -> "subprocess.CompletedProcess[str]":
        """Run it to its end."""
        process = self.start(data, *words, settings=settings)
        said, told = process.communicate(timeout=seconds)
        return subprocess.CompletedProcess(words, process.returncode, said, told)


def terminate(process: "subprocess.Popen[str]", sign: signal.Signals = signal.SIGTERM) -> None:
    """Send a signal to the process within, number 1 there, as ECS and `docker stop` do: unshare does not pass signals
    on."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(children[0]), sign)


def volume(folder: Path, user: str) -> Path:
    """A folder as a volume of the image, which its user may write."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, int(user), int(user))
    return folder

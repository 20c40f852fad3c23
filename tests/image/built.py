"""The built image does what docs/guides/image.md promises. `make image` runs this after deploy/image/build.sh."""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tools.image.built import configuration, delivered, mounted
from tools.image.container import Image, terminate, volume

KEY = {"LANDFALL_KEY": "".join(f"{number:02x}" for number in range(32))}


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The image, mounted."""
    with mounted() as made:
        yield made


@pytest.fixture(scope="module")
def data(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A volume with four days of a practice in its inbox."""
    return delivered(tmp_path_factory.mktemp("data"), image.user)


def test_it_says_what_it_is_and_asks_for_no_health_check() -> None:
    told = configuration()
    assert told["User"] == "10001"
    assert told["Cmd"] == ["run"]
    assert set(told["Volumes"]) == {"/data", "/tmp"}
    assert told["Labels"]["org.opencontainers.image.title"] == "Landfall"
    assert told["Labels"]["org.opencontainers.image.revision"]


def test_a_missing_setting_is_two_and_one_line(image: Image, data: Path) -> None:
    done = image.run(data, "land", seconds=60)
    assert done.returncode == 2 and "LANDFALL_KEY" in done.stderr
    assert done.stderr.count("\n") == 1


def test_it_lands(image: Image, data: Path) -> None:
    done = image.run(data, "land", settings=KEY, seconds=120)
    assert done.returncode == 0, done.stderr
    assert not [path for path in (data / "lake/inbox").rglob("*") if path.is_file()]


def test_sigterm_in_mid_run_gives_the_lease_back(image: Image, data: Path) -> None:
    process = image.start(data, settings=KEY)
    parsed, until = data / "work/run/manifest.json", time.monotonic() + 300
    while not parsed.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(2)  # in the middle of the seeds or of history
    terminate(process)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 5, told
    assert json.loads((data / "lake/manifests/lease.json").read_text())["is_released"]


def test_the_next_run_completes_and_says_what_it_takes(
    image: Image, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    done = image.run(data, settings=KEY)
    seconds = time.monotonic() - begun
    assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as warehouse:
        (count,) = warehouse.execute("select count(*) from clinic.fct_appointments").fetchall()[0]
    assert count > 0
    with capsys.disabled():
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        sys.stdout.write(f"\nimage: a whole run took {seconds:.0f} s, at most {peak} MB\n")


def test_a_full_volume_is_four_and_one_line(image: Image, tmp_path: Path) -> None:
    """A volume of 4 MB: no room for the warehouse."""
    small = volume(tmp_path / "small", image.user)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size=4m,uid={image.user}", "tmpfs", small], check=True
    )
    try:
        inbox = small / "lake/inbox/clinic/2026-03-02"
        inbox.mkdir(parents=True)
        (small / "lake").chmod(0o700)
        (inbox / "unclaimed.bin").write_bytes(bytes(shutil.disk_usage(small).free))
        for place in small.rglob("*"):
            os.chown(place, int(image.user), int(image.user))
        done = image.run(small, "land", settings=KEY, seconds=120)
        assert done.returncode == 4, done.stdout + done.stderr
        assert done.stderr.count("\n") == 1 and "No space left" in done.stderr
    finally:
        subprocess.run(["umount", small], check=True)

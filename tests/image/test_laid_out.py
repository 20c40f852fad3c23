"""The tree that the image copies works as the image runs it: by another user, on a read-only root, with one volume.

`make image` builds the image itself and goes on from here (built.py); this takes seconds and needs no package.
"""

import json
import os
import shutil
import signal
import socket
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from tests.warehouse.practice import keep_the_practice_alone
from tools.image.container import Image, terminate, volume
from tools.image.layout import laid_out

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="laying out an image takes root"),
    pytest.mark.skipif(not shutil.which("setpriv"), reason="needs unshare and setpriv"),
]
KEY = {"LANDFALL_KEY": "".join(f"{number:02x}" for number in range(32))}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The layout, with a third of the models: parsing takes most of the time."""
    made = laid_out(tmp_path_factory.mktemp("image") / "root")
    keep_the_practice_alone(made.root / made.folder[1:])
    return made


@pytest.fixture
def data(image: Image, tmp_path: Path) -> Path:
    return volume(tmp_path / "data", image.user)


def test_it_lands_as_another_user_and_says_which_setting_is_missing(
    image: Image, data: Path
) -> None:
    refused = image.run(data, "land", settings={"LANDFALL_TARGET": "athena", **KEY}, seconds=60)
    assert refused.returncode == 2 and "set LANDFALL_LAKE" in refused.stderr
    done = image.run(data, "land", settings=KEY, seconds=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "nothing in the inbox\n", "")
    assert (data / "warehouse.duckdb").stat().st_uid == int(image.user)
    assert image.run(data, "land", settings={**KEY, "LANDFALL_LAKE": "/lake"}).returncode == 4


def test_its_default_command_is_a_run_that_parses_there_and_gives_the_lease_back_on_sigterm(
    image: Image, data: Path
) -> None:
    process = image.start(data, settings=KEY)
    parsed, until = data / "work/run/manifest.json", time.monotonic() + 120
    while not parsed.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    terminate(process)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 5 and told.startswith("Interrupted: "), told
    assert json.loads((data / "lake/manifests/lease.json").read_text())["is_released"]
    assert not (data / "warehouse.duckdb").exists()


def test_dbt_serves_there_what_a_run_has_left_without_a_word_of_where_it_is(
    image: Image, data: Path
) -> None:
    (data / "work").mkdir()
    os.chown(data / "work", int(image.user), int(image.user))
    (data / "work/manifest.json").write_text('{"of": "a run"}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    words = ("docs", "serve", "--no-browser", "--port", port)
    process = replace(image, entry=["python", "-m", "dbt.cli.main"]).start(data, *words)
    try:
        served = answer(f"http://127.0.0.1:{port}/manifest.json", seconds=60)
    finally:
        terminate(process, signal.SIGKILL)  # dbt does not hear SIGTERM as the first process
        said, told = process.communicate(timeout=60)
    assert served == {"of": "a run"}, said + told


def answer(address: str, seconds: int) -> object:
    """The answer of the server there, as soon as one listens; None if none does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=10) as found:
                return json.load(found)
        except OSError:
            time.sleep(0.3)
    return None

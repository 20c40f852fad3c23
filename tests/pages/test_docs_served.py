"""`dbt docs serve`, typed as it stands after a run or a demo: a model's page opens in the browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.browser import CHROMIUM, browser
from tools.demonstration import demonstrated
from tools.project import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CHROMIUM and os.environ.get("CI") != "true",
        reason="needs Debian's package chromium",
    ),
]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address at which dbt serves the documentation of the demo's last run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shutil.copy(ROOT / "profiles.yml.example", tmp_path / "profiles.yml")
    shutil.copy(ROOT / "dbt_project.yml", tmp_path)
    shutil.copytree(demonstrated().served, tmp_path / "target")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LANDFALL", "DBT_"))}
    process = subprocess.Popen(
        [
            *(str(Path(sys.executable).with_name("dbt")), "docs", "serve"),
            *("--no-browser", "--port", port),
        ],
        cwd=tmp_path,
        env=kept,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as asking:
                if asking.connect_ex(("127.0.0.1", int(port))) == 0:
                    break
            time.sleep(0.3)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_a_models_page_opens_where_dbt_serves_the_documentation(
    served: str, tmp_path: Path
) -> None:
    with browser(tmp_path / "chromium") as opened:
        opened.open(f"{served}/#!/model/model.landfall.ar_ageing")
        until = time.monotonic() + 60
        while "One row per payer" not in opened.value("document.body.innerText"):
            assert time.monotonic() < until, opened.said
            time.sleep(0.5)
        assert f"{served}/manifest.json" in {asked.split("?")[0] for asked in opened.asked}

"""Headless Chromium over its debugging pipe: opens a file, tells what it said, asked for, measured and printed."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--remote-debugging-pipe",
)


class Browser:
    """One page of a running browser. `said` are console messages and errors, `asked` the addresses it requested."""

    def __init__(self, reader: int, writer: int) -> None:
        self._reader, self._writer = os.fdopen(reader, "rb"), os.fdopen(writer, "wb")
        self._number = 0
        self._session: str | None = None
        self.said: list[str] = []
        self.asked: list[str] = []
        self._loaded = False
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A call of the DevTools protocol; its result."""
        self._number += 1
        told: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            told["sessionId"] = self._session
        self._writer.write(json.dumps(told).encode() + b"\0")
        self._writer.flush()
        while (heard := self._heard()).get("id") != self._number:
            pass
        assert "error" not in heard, f"{method}: {heard['error']}"
        return dict(heard["result"])

    def open(self, address: str, width: int = 1200) -> None:
        """Open an address in a window of this width, and wait until it is loaded."""
        self.said, self.asked, self._loaded = [], [], False
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.call("Page.navigate", url=address)
        while not self._loaded:
            self._heard()

    @contextmanager
    def on_paper(self, is_printed: bool = True) -> Iterator[None]:
        """Pages look as on paper meanwhile, where `is_printed`."""
        self.call("Emulation.setEmulatedMedia", media="print" if is_printed else "")
        try:
            yield
        finally:
            self.call("Emulation.setEmulatedMedia", media="")

    def value(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page."""
        found = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def printed(self) -> bytes:
        """The page as PDF, as the printer would get it."""
        told = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return base64.b64decode(told["data"])

    def _heard(self) -> dict[str, Any]:
        """The next message; what the page says and asks for is kept."""
        data = bytearray()
        while (byte := self._reader.read(1)) != b"\0":
            assert byte, "the browser has ended"
            data += byte
        message: dict[str, Any] = json.loads(data)
        method, told = message.get("method"), message.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Log.entryAdded":
            self.said.append(told["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.said.append(str(told["args"]))
        elif method == "Runtime.exceptionThrown":
            self.said.append(str(told["exceptionDetails"]))
        elif method == "Network.requestWillBeSent":
            self.asked.append(told["request"]["url"])
        return message


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser with a profile of its own in `folder`."""
    assert CHROMIUM
    # the browser reads commands from its descriptor 3 and writes to 4
    from_us, to_browser = os.pipe()
    from_browser, to_us = os.pipe()
    script = f'exec "$0" "$@" 3<&{from_us} 4>&{to_us}'
    process = subprocess.Popen(
        ["bash", "-c", script, CHROMIUM, *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
        pass_fds=(from_us, to_us),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(from_us)
    os.close(to_us)
    try:
        yield Browser(from_browser, to_browser)
    finally:
        process.terminate()
        process.wait(timeout=30)


BROAD = """
(() => {
  for (const one of document.querySelectorAll('details')) one.open = true;
  const edge = document.documentElement.clientWidth;
  return [...document.querySelectorAll('.scroll, .prose, table')].filter(e =>
    e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > edge + 1
  ).map(e => e.className || e.tagName);
})()
"""
"""The tables and what is around them that hold more than they show, or lie beside the page, all folded ones opened."""

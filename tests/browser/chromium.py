"""Drives a headless Chromium over a pipe (the DevTools protocol), with nothing to install."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WHY_SKIPPED = "needs a Chromium: apt-get install chromium fonts-noto-cjk"
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-scrollbars", "--disable-dev-shm-usage", "--remote-debugging-pipe"),
)
_KEYS = {"Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r")}


class Pipe:
    """Sends commands and reads answers; messages end with a zero byte."""

    def __init__(self, reader: int, writer: int) -> None:
        self._reader, self._writer = os.fdopen(reader, "rb"), os.fdopen(writer, "wb")
        self._rest, self._last = b"", 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, *, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command and give its result."""
        self._last += 1
        command = {"id": self._last, "method": method, "params": params}
        if session is not None:
            command["sessionId"] = session
        self._writer.write(json.dumps(command).encode() + b"\0")
        self._writer.flush()
        while (message := self._next()).get("id") != self._last:
            self.events.append(message)
        assert "error" not in message, message
        result: dict[str, Any] = message["result"]
        return result

    def wait_for(self, event: str) -> None:
        """Wait until this event has come since ``events`` was emptied."""
        while not any(each.get("method") == event for each in self.events):
            self.events.append(self._next())

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._reader.fileno(), 1 << 16)
            assert part, "the browser has gone"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        read: dict[str, Any] = json.loads(message)
        return read

    def close(self) -> None:
        self._reader.close()
        self._writer.close()


@dataclass(frozen=True)
class Tab:
    """A page in the browser."""

    pipe: Pipe
    session: str

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self.pipe.call(method, session=self.session, **params)

    def size(self, width: int, height: int, *, phone: bool, scale: float) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=phone,
        )

    def color_scheme(self, name: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def open(self, url: str) -> None:
        self.pipe.events.clear()
        self.call("Page.navigate", url=url)
        self.pipe.wait_for("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """What a script, which the page itself may not have, says of the page."""
        made = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in made, made
        return made["result"].get("value")

    def press(self, key: str) -> None:
        name, code, text = _KEYS[key]
        facts = {"key": name, "code": name, "windowsVirtualKeyCode": code}
        self.call(
            "Input.dispatchKeyEvent", type="keyDown", **facts, **({"text": text} if text else {})
        )
        self.call("Input.dispatchKeyEvent", type="keyUp", **facts)

    def press_and_load(self, key: str) -> None:
        self.pipe.events.clear()
        self.press(key)
        self.pipe.wait_for("Page.loadEventFired")

    def tap(self, selector: str) -> None:
        """Click the middle of an element, and wait for the page that it leads to."""
        self.pipe.events.clear()
        self.click(selector)
        self.pipe.wait_for("Page.loadEventFired")

    def click(self, selector: str) -> None:
        """Click the middle of an element."""
        self.value(f"document.querySelector({json.dumps(selector)}).scrollIntoView()")
        box = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()"
        x, y = self.value(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({box})")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        taken = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(taken["data"]))


@contextmanager
def a_tab(profile: Path) -> Iterator[Tab]:
    """Start a browser with one empty page."""
    assert CHROMIUM is not None
    to_us, from_browser = os.pipe()
    to_browser, from_us = os.pipe()
    command = [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
    script = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
    process = subprocess.Popen(
        ["bash", "-c", script, "browser", *command],
        pass_fds=(to_browser, from_browser),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(from_browser)
    pipe = Pipe(to_us, from_us)
    try:
        target = pipe.call("Target.createTarget", url="about:blank")["targetId"]
        attached = pipe.call("Target.attachToTarget", targetId=target, flatten=True)
        tab = Tab(pipe, attached["sessionId"])
        tab.call("Page.enable")
        yield tab
    finally:
        pipe.call("Browser.close")
        process.wait(timeout=20)
        pipe.close()

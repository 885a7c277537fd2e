"""A headless Chromium of the system, driven by the DevTools protocol through a pipe.

https://chromedevtools.github.io/devtools-protocol/ describes its methods and events.
"""

import base64
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from ctxtools.programs import find_program

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = None if os.name == "nt" else next(filter(None, map(find_program, _NAMES)), None)
"""The program, or None; in Windows no descriptors can be passed to it."""

REASON = "there is no Chromium: the system's package chromium has one"

_OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # which needs namespaces that containers do not have
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)
# It reads from descriptor 3 and writes to 4.
_LAUNCHER = (
    "import os, sys; r, w = map(int, sys.argv[1:3]); os.dup2(w, 99); os.dup2(r, 3); os.dup2(99, 4);"
    "os.execv(sys.argv[3], sys.argv[3:])"
)
_PATIENCE = 60.0  # seconds for an answer
_CODES = {" ": ("Space", 32, " "), "Enter": ("Enter", 13, "\r"), "Tab": ("Tab", 9, "")}
_KEYS = {
    "Backspace": 8, "Escape": 27, "PageUp": 33, "PageDown": 34, "End": 35, "Home": 36,
    "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
}  # fmt: skip


class Browser:
    """A browser, which ends with the block that it is used in."""

    def __init__(self) -> None:
        assert CHROMIUM is not None
        self._folder = TemporaryDirectory(ignore_cleanup_errors=True)
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        pipes = (str(theirs_in), str(theirs_out))
        profile = f"--user-data-dir={self._folder.name}"
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCHER, *pipes, CHROMIUM, *_OPTIONS, profile, "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._number = 0
        self._buffer = b""
        self.events: dict[str | None, list[dict[str, Any]]] = {}

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.call("Browser.close")
            self._process.wait(10)
        except (OSError, AssertionError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)
        self._folder.cleanup()

    def call(self, method: str, session: str | None = None, /, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol, and return its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            self.events.setdefault(answer.get("sessionId"), []).append(answer)

    def wait_for(self, event: str, session: str) -> dict[str, Any]:
        """The next event of a kind, or one that came already; it is removed."""
        while True:
            for each in (events := self.events.setdefault(session, [])):
                if each["method"] == event:
                    events.remove(each)
                    return each
            answer = self._receive()
            self.events.setdefault(answer.get("sessionId"), []).append(answer)

    def _receive(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0, end - time.monotonic()))
            assert ready, "the browser does not answer"
            data = os.read(self._in, 1 << 20)
            assert data, "the browser has ended"
            self._buffer += data
        first, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        return message

    @contextmanager
    def page(
        self, path: Path, *, width: int = 1280, height: int = 900, dark: bool = False
    ) -> Iterator["Page"]:
        """A file, loaded, in a tab of its own."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        page = Page(self, attached["sessionId"])
        page.call("Page.enable")
        page.call("Runtime.enable")
        page.call("Log.enable")
        page.call("Network.enable")
        page.resize(width, height)
        page.scheme("dark" if dark else "light")
        page.call("Page.navigate", url=path.absolute().as_uri())
        self.wait_for("Page.loadEventFired", page.session)
        page.evaluate(
            "new Promise(done => { const look = () =>"
            " !document.querySelector('#theme') || 'drawn' in document.documentElement.dataset"
            " ? done() : setTimeout(look, 5); look(); })"
        )
        page.settle()
        try:
            yield page
        finally:
            self.call("Target.closeTarget", targetId=target)
            self.events.pop(page.session, None)


class Page:
    """A page in a tab.

    Attributes:
        session: of the protocol.
    """

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self.session = session
        self._theme: list[dict[str, str]] = []

    def call(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol for this tab."""
        return self._browser.call(method, self.session, **parameters)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, or of the promise that it is."""
        result = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def settle(self, milliseconds: int = 0) -> None:
        """Wait until what was asked for is drawn: two frames, after a while."""
        self.evaluate(
            "new Promise(done => setTimeout(() => requestAnimationFrame(() =>"
            f" requestAnimationFrame(done)), {milliseconds}))"
        )

    def resize(self, width: int, height: int, density: float = 1) -> None:
        """Set the size of the window in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=density, mobile=width < 600,
        )  # fmt: skip

    def scheme(self, name: str) -> None:
        """What the system prefers: light or dark; and that nothing moves, so that what is seen is
        not on its way from one color to another."""
        features = [
            {"name": "prefers-color-scheme", "value": name},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.call("Emulation.setEmulatedMedia", features=features)

    def press(self, *keys: str, shift: bool = False) -> None:
        """Press keys, by their names."""
        for key in keys:
            code, number, text = _CODES.get(key, (key, _KEYS.get(key, 0), ""))
            if len(key) == 1 and key != " ":
                code, number, text = f"Key{key.upper()}", ord(key.upper()), key
            event = {
                "key": key, "code": code, "windowsVirtualKeyCode": number,
                "modifiers": 8 if shift else 0,
            }  # fmt: skip
            down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
            self.call("Input.dispatchKeyEvent", **event, **down)
            self.call("Input.dispatchKeyEvent", **event, type="keyUp")
            self.settle()

    def write(self, text: str) -> None:
        """Write a text where the focus is."""
        self.call("Input.insertText", text=text)
        self.settle(200)  # a search waits for the next letter

    def click(self, x: float, y: float) -> None:
        """Click at a position of the window."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = "none" if kind == "mouseMoved" else "left"
            clicks = 0 if kind == "mouseMoved" else 1
            event = {"type": kind, "x": x, "y": y, "button": button, "clickCount": clicks}
            self.call("Input.dispatchMouseEvent", **event)
        self.settle()

    def click_on(self, selector: str) -> None:
        """Click at the centre of an element."""
        x, y = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        self.click(x, y)

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Write a picture of what is seen, or of the whole page, as PNG."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def complaints(self) -> list[str]:
        """What went to the console, and what the page asked the network for."""
        found = []
        for event in self._browser.events.get(self.session, []):
            values = event.get("params", {})
            if event["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
                found.append(json.dumps(values))
            elif event["method"] == "Log.entryAdded":
                found.append(values["entry"]["text"])
            elif event["method"] == "Network.requestWillBeSent":
                url = values["request"]["url"]
                if values.get("type") != "Document":
                    found.append(f"asked for {url}")
        return found

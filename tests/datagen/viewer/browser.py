"""A headless Chromium for tests, driven over its debugging protocol: open a page, wait, click, take a picture."""

import base64
import io
import json
import re
import shutil
import subprocess
import tempfile
import time

import imageio.v3 as imageio
import numpy as np

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SOFTWARE = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")


def installed() -> str | None:
    """Path of a browser, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One page of 1000 x 700 pixels."""

    def __init__(self, url: str):
        from websockets.sync.client import connect

        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [str(installed()), "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--remote-debugging-port=0",
             "--window-size=1000,700", f"--user-data-dir={self.folder.name}", *SOFTWARE, url],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        root = self._address()
        self.socket = connect(root, max_size=None, open_timeout=60)
        self.number, self.session = 0, ""
        targets = self._call("Target.getTargets")["targetInfos"]
        page = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = self._call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]

    def _address(self) -> str:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            found = re.search(r"DevTools listening on (ws://\S+)", line)
            if found:
                return found.group(1)
        raise RuntimeError("the browser has ended")

    def _call(self, method: str, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv(timeout=60))
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]

    def evaluate(self, expression: str):
        """The value of a JavaScript expression."""
        return self._call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait(self, expression: str, seconds: float = 60.0):
        """Wait until an expression is true; returns its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.evaluate(expression)
            if value:
                return value
            time.sleep(0.2)
        raise TimeoutError(expression)

    def press(self, label: str) -> None:
        """Click the button with that label."""
        self.wait(f"[...document.querySelectorAll('button')].some(b => b.innerText.trim() === {label!r})")
        self.evaluate(f"[...document.querySelectorAll('button')].find(b => b.innerText.trim() === {label!r}).click()")

    def click(self, x: float, y: float) -> None:
        """Click at a pixel."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
            time.sleep(0.3)

    def picture(self) -> np.ndarray:
        """A screenshot, uint8 (H, W, 3)."""
        data = self._call("Page.captureScreenshot", format="png")["data"]
        return np.asarray(imageio.imread(io.BytesIO(base64.b64decode(data))))[..., :3]

    def close(self) -> None:
        """End the browser."""
        self.socket.close()
        self.process.terminate()
        self.process.wait(timeout=20)
        self.folder.cleanup()

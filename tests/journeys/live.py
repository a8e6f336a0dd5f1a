"""Server-Sent Events as a client reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

# Longer than the stream's own keep-alive, so that a silent stream fails a test instead of hanging it.
SILENCE_SECONDS = 20.0


class Stream:
    """`frames` are the bodies read so far, `ids` their event ids, `raw` every line."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.frames: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.raw: list[str] = []

    def until_line(self, start: str) -> None:
        """Read up to a line that starts so, a comment for example."""
        while not self._line().startswith(start):
            pass

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read up to the first frame that is wanted."""
        while True:
            frame = self._frame()
            self.frames.append(frame)
            if wanted(frame):
                return frame

    def _frame(self) -> dict[str, Any]:
        """The next frame with data; a blank line ends a frame."""
        data = ""
        while (line := self._line()) or not data:
            if line.startswith("id:"):
                self.ids.append(line.removeprefix("id:").strip())
            elif line.startswith("data:"):
                data = line.removeprefix("data:")
        frame: dict[str, Any] = json.loads(data)
        return frame

    def until_text(self, text: str) -> dict[str, Any]:
        return self.until(lambda event: event.get("text") == text)

    def _line(self) -> str:
        line = next(self._lines, None)
        assert line is not None, f"the stream ended after {self.raw}"
        self.raw.append(line)
        return line


@contextmanager
def stream(http: httpx2.Client, path: str, **headers: str) -> Iterator[Stream]:
    """Open a stream; returns when the server has said that it is connected."""
    timeout = httpx2.Timeout(10.0, read=SILENCE_SECONDS)
    with http.stream("GET", path, headers={"Accept": "text/event-stream", **headers}, timeout=timeout) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        opened = Stream(response.iter_lines())
        opened.until_line(":")
        yield opened

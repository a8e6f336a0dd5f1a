"""The real product for tests: `offramp up` with its own ports, Redis and state, and the artifacts already built."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / ".offramp"
SHARED = ("encoder", "escalation", "kb", "model.json")
START_SECONDS = 120.0
AGENT, PASSWORD = "mara", "correct horse battery"


def until(look: Callable[[], Any], seconds: float = 10.0, what: str = "it") -> Any:
    """What `look` returns as soon as it is not None or False; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found is not None and found is not False:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stack:
    """`start` returns when all four processes are ready. `status` is what `offramp status --json` says."""

    def __init__(self, state_dir: Path, **settings: str) -> None:
        self.state_dir = state_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "OFFRAMP_STATE_DIR": str(state_dir),
            "OFFRAMP_PORT": str(self.port),
            "COLUMNS": "200",
            **settings,
        }
        self.output = state_dir / "up.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Stack:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        for name in SHARED:
            if not (self.state_dir / name).exists():
                (self.state_dir / name).symlink_to(BUILT / name)
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                self.command("up"), env=self.environment, stdout=output, stderr=output, cwd=ROOT
            )
        until(self._ready, START_SECONDS, "starting")
        return self

    def command(self, *arguments: str) -> list[str]:
        return [str(Path(sys.executable).parent / "offramp"), *arguments]

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )

    def _ready(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"offramp up ended: {self.output.read_text()}")
        return "Ctrl-C stops everything" in self.output.read_text()

    def status(self) -> dict[str, dict[str, Any]]:
        body = json.loads(self.run("status", "--json").stdout)
        return {process["name"]: process for process in body["processes"]}

    def processes(self) -> dict[str, dict[str, Any]]:
        """Names, pids and ports without probing."""
        body = json.loads((self.state_dir / "run.json").read_text())
        return {process["name"]: process for process in body["processes"]}

    def redis_url(self) -> str:
        return str(json.loads((self.state_dir / "run.json").read_text())["redis_url"])

    def kill(self, name: str, signal_number: int = signal.SIGKILL) -> int:
        """Send a signal to one of the four; returns the pid it had."""
        pid = int(self.processes()[name]["pid"])
        os.kill(pid, signal_number)
        return pid

    def wait_ready(self, seconds: float = 60.0) -> None:
        until(lambda: self._dependencies_ready(), seconds, "getting ready again")

    def _dependencies_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=3).status_code == 200
        except httpx2.HTTPError:
            return False

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(30)

    def customer(self, channel: str = "app", **body: Any) -> Customer:
        return Customer.start(self.url, channel=channel, **body)

    def agent(self, username: str = AGENT, password: str = PASSWORD) -> Agent:
        """Sign in; the agent is created if need be."""
        added = self.run("agents", "add", username, stdin=password + "\n")
        assert added.returncode == 0, added.stderr
        return Agent.sign_in(self.url, username, password)


@dataclass
class Customer:
    """A mobile app's view of one conversation."""

    http: httpx2.Client
    conversation_id: str
    greeting: dict[str, Any]
    token: str

    @classmethod
    def start(cls, url: str, **body: Any) -> Customer:
        http = httpx2.Client(base_url=url, timeout=30)
        started = http.post("/v1/conversations", json=body)
        assert started.status_code == 201, started.text
        answer = started.json()
        http.headers["Authorization"] = f"Bearer {answer['token']}"
        return cls(http, answer["conversation_id"], answer["greeting"], answer["token"])

    @property
    def path(self) -> str:
        return f"/v1/conversations/{self.conversation_id}"

    def say(self, text: str, wait: float = 20, client_message_id: str | None = None) -> dict[str, Any]:
        body = {"client_message_id": client_message_id or uuid.uuid4().hex, "text": text}
        return self.send(body, wait)

    def choose(self, choice_id: str, wait: float = 20) -> dict[str, Any]:
        return self.send({"client_message_id": uuid.uuid4().hex, "choice_id": choice_id}, wait)

    def send(self, body: dict[str, Any], wait: float = 20) -> dict[str, Any]:
        sent = self.http.post(f"{self.path}/messages", params={"wait": wait}, json=body)
        assert sent.status_code == (200 if wait else 202), sent.text
        answer: dict[str, Any] = sent.json()
        return answer

    def events(self, after: str = "0-0", wait: float = 0) -> list[dict[str, Any]]:
        read = self.http.get(f"{self.path}/events", params={"after": after, "wait": wait})
        assert read.status_code == 200, read.text
        events: list[dict[str, Any]] = read.json()["events"]
        return events

    def statuses(self) -> list[str]:
        return [event["status"] for event in self.events() if event["kind"] == "status"]

    def owner(self) -> str:
        return str(self.http.get(self.path).json()["owner"])


@dataclass
class Agent:
    """An agent's view of the desk."""

    http: httpx2.Client

    @classmethod
    def sign_in(cls, url: str, username: str, password: str) -> Agent:
        http = httpx2.Client(base_url=url, timeout=30)
        signed_in = http.post("/v1/desk/sessions", json={"username": username, "password": password})
        assert signed_in.status_code == 200, signed_in.text
        http.cookies.clear()
        http.headers["Authorization"] = f"Bearer {signed_in.json()['token']}"
        return cls(http)

    def queue(self, view: str = "open") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.http.get("/v1/desk/queue", params={"view": view}).json()["conversations"]
        return rows

    def row(self, conversation_id: str) -> dict[str, Any] | None:
        return next((row for row in self.queue() if row["conversation_id"] == conversation_id), None)

    def open(self, conversation_id: str) -> dict[str, Any]:
        body: dict[str, Any] = self.http.get(f"/v1/desk/conversations/{conversation_id}").json()
        return body

    def act(self, conversation_id: str, action: str, body: dict[str, Any] | None = None) -> httpx2.Response:
        return self.http.post(f"/v1/desk/conversations/{conversation_id}/{action}", json=body)

    def say(self, conversation_id: str, text: str, action: str = "messages") -> httpx2.Response:
        return self.act(conversation_id, action, {"client_message_id": uuid.uuid4().hex, "text": text})

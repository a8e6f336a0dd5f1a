"""A local stand-in for Slack: its Web API, as strict as the real one where it matters, and its signed requests."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from local_server import LocalServer

TOKEN = "xoxb-fake-token"
SIGNING_SECRET = "fake-signing-secret"
BOT_USER, BOT_ID, TEAM = "U0BOT", "B0BOT", "T0TEAM"


@dataclass(frozen=True)
class Call:
    """A call of the Web API. `status`: what was answered; `done`: whether it had its effect."""

    method: str
    arguments: Mapping[str, Any]
    at: float
    status: int
    done: bool


@dataclass
class Fault:
    """How the next call of a method goes wrong. `after_doing`: only the answer is lost."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    after_doing: bool = False
    error: str = ""


class FakeSlack:
    """`url` is what `OFFRAMP_SLACK_API_URL` is set to. `messages` and `calls` are what the app did so far."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.names: dict[str, str] = {}
        self._faults: dict[str, deque[Fault]] = {}
        self._numbers = itertools.count(1)
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._call)
        self._server = LocalServer(app)
        self.url = f"{self._server.url}/api/"

    def stop(self) -> None:
        self._server.stop()

    def fail(self, method: str, *faults: Fault) -> None:
        """The next calls of a method go wrong, one after the other."""
        self._faults.setdefault(method, deque()).extend(faults)

    def heal(self) -> None:
        self._faults.clear()

    def posted(self, channel: str) -> list[dict[str, Any]]:
        """What the app has posted in a channel, oldest first."""
        return list(self.messages.get(channel, ()))

    def of(self, method: str, channel: str | None = None) -> list[Call]:
        return [c for c in self.calls if c.method == method and channel in (None, c.arguments.get("channel"))]

    def timestamp(self) -> str:
        """A new message id, unique and rising, as Slack gives them."""
        return f"{int(time.time())}.{next(self._numbers):06d}"

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        arguments = dict(request.query) if request.method == "GET" else await _body(request)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        faults = self._faults.get(method)
        fault = faults.popleft() if faults else None
        doing = fault is None or fault.after_doing or (fault.status == 200 and not fault.error)
        answer = self._do(method, arguments) if doing else {"ok": False, "error": fault.error if fault else ""}
        done = bool(answer.get("ok"))
        status = fault.status if fault else 200
        self.calls.append(Call(method, arguments, time.time(), status, done))
        if fault and fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault and status >= 500:
            return web.Response(status=status, text="<html>upstream error</html>", content_type="text/html")
        return web.json_response(answer, status=status, headers=fault.headers if fault else {})

    def _do(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"ok": True, "user_id": BOT_USER, "bot_id": BOT_ID, "team_id": TEAM}
            case "chat.postMessage":
                return self._post(arguments)
            case "chat.update":
                return self._update(arguments)
            case "conversations.replies":
                return self._replies(arguments)
            case "chat.postEphemeral":
                return {"ok": True, "message_ts": self.timestamp()}
            case "users.info":
                name = self.names.get(arguments["user"], "")
                return {"ok": True, "user": {"id": arguments["user"], "profile": {"display_name": name}}}
        return {"ok": False, "error": "unknown_method"}

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if wrong := wrong_blocks(arguments.get("blocks") or []):
            return {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": [wrong]}}
        ts = self.timestamp()
        kept = ("text", "blocks", "thread_ts", "metadata")
        message = {"ts": ts, "bot_id": BOT_ID, **{name: arguments[name] for name in kept if name in arguments}}
        self.messages.setdefault(arguments["channel"], []).append(message)
        return {"ok": True, "channel": arguments["channel"], "ts": ts, "message": message}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if wrong := wrong_blocks(arguments.get("blocks") or []):
            return {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": [wrong]}}
        for message in self.posted(arguments["channel"]):
            if message["ts"] == arguments["ts"]:
                message.update(text=arguments["text"], blocks=arguments["blocks"])
                return {"ok": True, "ts": message["ts"]}
        return {"ok": False, "error": "message_not_found"}

    def _replies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        with_metadata = arguments.get("include_all_metadata") in ("1", "true", True)
        found = []
        for message in self.posted(arguments["channel"]):
            late_enough = float(message["ts"]) >= float(arguments.get("oldest", 0))
            if message.get("thread_ts") == arguments["ts"] and late_enough:
                found.append(message if with_metadata else {k: v for k, v in message.items() if k != "metadata"})
        return {"ok": True, "messages": found, "has_more": False}


async def _body(request: web.Request) -> dict[str, Any]:
    return dict(await (request.json() if request.content_type == "application/json" else request.post()))


def wrong_blocks(blocks: list[dict[str, Any]]) -> str:
    """What Slack would refuse about blocks; empty if nothing."""
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(blocks) > 50:
        return "more than 50 blocks"
    if len(ids) != len(set(ids)) or any(len(i) > 255 for i in ids):
        return "block_id is not unique, or too long"
    return next(filter(None, map(_wrong_block, blocks)), "")


def _wrong_block(block: dict[str, Any]) -> str:
    elements = block.get("elements", [])
    if block["type"] == "section" and not 1 <= len(block["text"]["text"]) <= 3000:
        return "must be between 1 and 3000 characters [json-pointer:/blocks/0/text/text]"
    if block["type"] == "context" and not all(1 <= len(e["text"]) <= 3000 for e in elements):
        return "a context text is too long"
    if block["type"] == "actions":
        names = [element["action_id"] for element in elements]
        if not 1 <= len(elements) <= 25 or len(names) != len(set(names)):
            return "action_id already exists for this block_id"
        if any(len(e["text"]["text"]) > 75 or len(e["value"]) > 2000 for e in elements):
            return "a button is too long"
    return ""


def signed(body: bytes, at: float | None = None, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers that Slack sends with a body."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def events_request(payload: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an Events API request."""
    body = json.dumps(payload).encode()
    return body, {"Content-Type": "application/json", **signed(body)}


def actions_request(payload: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an interactivity request."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return body, {"Content-Type": "application/x-www-form-urlencoded", **signed(body)}

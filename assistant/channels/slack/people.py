"""Names of customers, from Slack. Nice to have: a message never waits long for one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from assistant.channels.slack.web_api import SlackApi, SlackError

log = structlog.get_logger()

# Part of the time Slack gives for an answer to an event, and of our own aim of 300 ms.
WAIT_SECONDS = 0.15
MAX_NAMES = 10_000


class People:
    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._names: dict[str, str] = {}
        self._lookups: dict[str, asyncio.Task[None]] = {}

    async def name(self, user: str) -> str | None:
        """The person's name if it is known by now; a slow answer is there for their next message."""
        if user not in self._names:
            if user not in self._lookups:
                self._lookups[user] = asyncio.create_task(self._look_up(user), name=f"slack name {user}")
            await asyncio.wait([self._lookups[user]], timeout=WAIT_SECONDS)
        return self._names.get(user)

    async def _look_up(self, user: str) -> None:
        try:
            found = displayed_name(await self._api.user(user))
            if len(self._names) >= MAX_NAMES:
                self._names.clear()
            if found:
                self._names[user] = found
        except SlackError as error:
            log.warning("slack.name_missing", error=str(error))
        finally:
            del self._lookups[user]


def displayed_name(user: Mapping[str, Any]) -> str:
    """How colleagues see the person in Slack."""
    profile = user.get("profile") or {}
    return str(profile.get("display_name") or profile.get("real_name") or user.get("real_name") or "")

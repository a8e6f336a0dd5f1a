"""Our calls of Slack's Web API, each one attempt: who calls decides what a failure means."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from assistant.channels.slack.blocks import SlackMessage

log = structlog.get_logger()

METADATA_TYPE = "offramp_event"
TIMEOUT_SECONDS = 10
# Used when a 429 does not say how long.
RETRY_AFTER_SECONDS = 1.0
PAGE_MESSAGES = 200
# Between the clock of Redis, which dates events, and Slack's.
CLOCK_SKEW_SECONDS = 300
# Slack answers 200 to these and still cannot say whether it did what was asked.
_UNSURE = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ekm_access_denied"})
_FORMAT = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})


class SlackError(Exception):
    """A call failed; it may have had its effect."""


class RateLimited(SlackError):
    """Nothing was done; to be tried again after `seconds`, not before."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__("rate limited")


class Refused(SlackError):
    """Slack understood and refused: nothing was done. `str(error)` is Slack's code."""


class SlackApi:
    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    def session(self) -> aiohttp.ClientSession:
        """One pool of connections for all calls; the caller closes it."""
        self._client.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        return self._client.session

    async def post(self, channel: str, thread_ts: str, message: SlackMessage, event_id: str) -> None:
        """Post into a thread, marked with the event's id. Raises `RateLimited`, `Refused`, `SlackError`."""
        arguments: dict[str, Any] = {
            "channel": channel,
            "thread_ts": thread_ts,
            "text": message.text,
            "metadata": {"event_type": METADATA_TYPE, "event_payload": {"id": event_id}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        try:
            await _answer(self._client.chat_postMessage(**arguments, blocks=list(message.blocks)))
        except Refused as error:
            if str(error) not in _FORMAT:
                raise
            # Better plain than never.
            log.error("slack.blocks_refused", event_id=event_id, error=str(error))
            await _answer(self._client.chat_postMessage(**arguments))

    async def is_posted(self, channel: str, thread_ts: str, event_id: str, at_seconds: float) -> bool:
        """Whether an event from `at_seconds` (since 1970) is in the thread. Raises as `post` does."""
        cursor: str | None = None
        while True:
            page = await _answer(
                self._client.conversations_replies(
                    channel=channel,
                    ts=thread_ts,
                    include_all_metadata=True,
                    oldest=f"{max(at_seconds - CLOCK_SKEW_SECONDS, 0):.6f}",
                    limit=PAGE_MESSAGES,
                    cursor=cursor,
                )
            )
            if any(_event_id(message) == event_id for message in page.get("messages") or ()):
                return True
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return False

    async def update(self, channel: str, ts: str, message: SlackMessage) -> None:
        """Show something else instead of a message of ours. Raises as `post` does."""
        await _answer(self._client.chat_update(channel=channel, ts=ts, text=message.text, blocks=list(message.blocks)))

    async def tell(self, channel: str, user: str, thread_ts: str | None, text: str) -> None:
        """Say something that only one person sees. Raises as `post` does."""
        await _answer(self._client.chat_postEphemeral(channel=channel, user=user, thread_ts=thread_ts, text=text))

    async def user(self, user: str) -> Mapping[str, Any]:
        """Raises as `post` does."""
        found = await _answer(self._client.users_info(user=user))
        return dict(found.get("user") or {})


async def _answer(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    try:
        return await call
    except SlackApiError as error:
        raise _error(error.response) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SlackError(type(error).__name__) from error


def _error(response: Any) -> SlackError:
    status = getattr(response, "status_code", getattr(response, "status", 0))
    if status == 429:
        return RateLimited(_seconds(response.headers.get("Retry-After")))
    data = getattr(response, "data", None)
    code = str(data.get("error")) if isinstance(data, dict) and data.get("error") else ""
    if code == "ratelimited":
        return RateLimited(_seconds(response.headers.get("Retry-After")))
    return Refused(code) if status == 200 and code and code not in _UNSURE else SlackError(code or f"HTTP {status}")


def _seconds(retry_after: str | None) -> float:
    try:
        return max(float(retry_after or RETRY_AFTER_SECONDS), 0.1)
    except ValueError:
        return RETRY_AFTER_SECONDS


def _event_id(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_TYPE:
        return None
    return str((metadata.get("event_payload") or {}).get("id"))

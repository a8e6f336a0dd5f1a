"""The gateway's side of Rasa: one HTTP call is one turn."""

from __future__ import annotations

import httpx2

from assistant.contract import BotReply, BotRequest, ContractError

# Deadlines nest: an action (4 s) < a call to Rasa < a turn.
CALL_TIMEOUT_SECONDS = 8.0
CONNECT_TIMEOUT_SECONDS = 1.0
READY_TIMEOUT_SECONDS = 2.0


class BotUnreachable(Exception):
    """Rasa did not take the message: it is safe and useful to send it again."""


class BotFailed(Exception):
    """Rasa took the message and failed or fell silent; sending it again may repeat the failure."""


class BotClient:
    def __init__(self, url: str, secret: str, client: httpx2.AsyncClient) -> None:
        self._messages = f"{url}/webhooks/offramp/messages"
        self._ready = f"{url}/webhooks/offramp/ready"
        self._headers = {"X-Offramp-Secret": secret}
        self._client = client
        self._timeout = httpx2.Timeout(CALL_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)

    async def answer(self, request: BotRequest) -> BotReply:
        """Raises `BotUnreachable` or `BotFailed`."""
        try:
            response = await self._client.post(
                self._messages, json=request.as_json(), headers=self._headers, timeout=self._timeout
            )
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise BotUnreachable(type(error).__name__) from error
        except httpx2.HTTPError as error:
            raise BotFailed(type(error).__name__) from error
        if response.status_code == 503:
            raise (BotFailed if b"turn_failed" in response.content else BotUnreachable)("503")
        if response.status_code != 200:
            raise BotFailed(f"HTTP {response.status_code}")
        try:
            return BotReply.from_json(response.json())
        except (ContractError, ValueError) as error:
            raise BotFailed(f"not a reply: {error}") from error

    async def problem(self) -> str | None:
        """What keeps Rasa from answering, None if nothing does."""
        try:
            response = await self._client.get(self._ready, timeout=READY_TIMEOUT_SECONDS)
            body = response.json()
            return None if response.status_code == 200 else str(body.get("problem", response.status_code))
        except (httpx2.HTTPError, ValueError, AttributeError) as error:
            return f"no answer: {type(error).__name__}"

"""What the gateway asks of the action server beside Rasa: facts for a hand-off, articles for the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx2
import structlog

log = structlog.get_logger()

# The hand-off must not wait for what is nice to have.
FACTS_TIMEOUT_SECONDS = 0.5
ARTICLES_TIMEOUT_SECONDS = 2.0
# Encodes some forty texts on a busy machine while somebody looks at the screen.
TRIAL_TIMEOUT_SECONDS = 8.0
LAST_MESSAGES = 20
LONGEST_CHARACTERS = 1000


class AnsweringClient:
    def __init__(self, actions_url: str, secret: str, client: httpx2.AsyncClient) -> None:
        parts = urlsplit(actions_url)
        self._base = f"{parts.scheme}://{parts.netloc}"
        self._headers = {"X-Offramp-Secret": secret}
        self._client = client

    async def facts(self, texts: Sequence[str]) -> list[dict[str, str]]:
        """`{"kind", "value"}` in order of first mention; empty when the action server does not answer."""
        try:
            response = await self._client.post(
                f"{self._base}/facts",
                json=[text[:LONGEST_CHARACTERS] for text in texts[-LAST_MESSAGES:]],
                headers=self._headers,
                timeout=FACTS_TIMEOUT_SECONDS,
            )
            response.raise_for_status()
            return [{"kind": str(f["kind"]), "value": str(f["value"])} for f in response.json()["facts"]]
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("facts.missing", error=type(error).__name__)
            return []

    async def articles(self, question: str) -> list[dict[str, Any]]:
        """Articles that may help with a question; empty when the action server does not answer."""
        try:
            response = await self._client.get(
                f"{self._base}/articles",
                params={"q": question},
                headers=self._headers,
                timeout=ARTICLES_TIMEOUT_SECONDS,
            )
            response.raise_for_status()
            return list(response.json()["articles"])
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("articles.missing", error=type(error).__name__)
            return []

    async def trial(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """What the live knowledge base does with `question`, and where `article` stands; None without an answer."""
        return await self._tried("trial", asked)

    async def overlaps(self, article: dict[str, Any]) -> list[dict[str, Any]] | None:
        """Texts of `article` that other articles answer; None without an answer."""
        found = await self._tried("overlaps", {"article": article})
        return None if found is None else list(found["overlaps"])

    async def _tried(self, what: str, body: dict[str, Any]) -> dict[str, Any] | None:
        try:
            response = await self._client.post(
                f"{self._base}/articles/{what}", json=body, headers=self._headers, timeout=TRIAL_TIMEOUT_SECONDS
            )
            response.raise_for_status()
            return dict(response.json())
        except (httpx2.HTTPError, ValueError, TypeError) as error:
            log.warning(f"{what}.missing", error=type(error).__name__)
            return None

    async def serving_version(self) -> str | None:
        """The snapshot that answers customers; None when the action server does not answer."""
        try:
            response = await self._client.get(f"{self._base}/readyz", timeout=ARTICLES_TIMEOUT_SECONDS)
            response.raise_for_status()
            return str(response.json()["knowledge_base"])
        except (httpx2.HTTPError, ValueError, KeyError, TypeError):
            return None

    async def problem(self) -> str | None:
        """What keeps the action server from answering, None if nothing does."""
        try:
            response = await self._client.get(f"{self._base}/readyz", timeout=ARTICLES_TIMEOUT_SECONDS)
            return None if response.status_code == 200 else f"HTTP {response.status_code}"
        except httpx2.HTTPError as error:
            return f"no answer: {type(error).__name__}"

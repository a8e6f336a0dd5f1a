"""The running product with a few articles of its own, which tests may publish, change and break."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stack import ROOT, Agent, Stack, until

# Enough to tell apart, few enough that a build takes seconds.
TOPICS = ("stores", "gift-cards")
PUBLISH_SECONDS = 120.0


@pytest.fixture(scope="module")
def articles_stack(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = tmp_path_factory.mktemp("articles")
    for topic in TOPICS:
        shutil.copytree(ROOT / "knowledge_base" / "articles" / topic, home / "articles" / topic)
    # A knowledge base of its own: the shared one must not change.
    (home / "state" / "kb").mkdir(parents=True)
    running = Stack(home / "state", OFFRAMP_ARTICLES_DIR=str(home / "articles")).start()
    yield running
    running.stop()


def articles_of(stack: Stack) -> Path:
    return Path(stack.environment["OFFRAMP_ARTICLES_DIR"])


def library(agent: Agent, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the article API answers; the test fails for a refusal."""
    answer = agent.http.request(method, f"/v1/desk/library{path}", json=body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def publication_ended(agent: Agent) -> dict[str, Any]:
    """How the publication ended, once customers have it or it failed."""

    def look() -> dict[str, Any] | None:
        build: dict[str, Any] = library(agent, "GET", "/build")
        return build if build["stage"] == "failed" or build["serving"] else None

    found: dict[str, Any] = until(look, PUBLISH_SECONDS, "publishing")
    return found

"""What the `offramp` commands share: the Redis they ask, and how they end when something fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import typer
from redis.exceptions import RedisError
from rich.console import Console
from rich.markup import escape

from assistant.conversation.redis_connection import DEFAULT_REDIS_URL
from assistant.settings import Settings
from assistant.supervise import run_file

T = TypeVar("T")


def failed(message: str) -> typer.Exit:
    """Print `message`, and return what the command raises to end."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]✗[/red] {escape(message)}")
    return typer.Exit(1)


def known_redis_url(settings: Settings) -> str | None:
    """Return the address of the Redis of the running product, else the configured one."""
    running = run_file.read(settings.state_dir)
    return running.redis_url if running else settings.redis_url


def ask_redis(settings: Settings, question: Callable[[str], Coroutine[Any, Any, T]]) -> T:
    """Return what `question` finds at the known address, or else at the usual one. Raises what it raises, and
    `typer.Exit` if Redis does not answer.
    """
    url = known_redis_url(settings) or DEFAULT_REDIS_URL
    try:
        return asyncio.run(question(url))
    except (RedisError, OSError) as error:
        raise failed(
            f"Redis at {url} does not answer. Start Offramp with `offramp up` first, or set REDIS_URL."
        ) from error

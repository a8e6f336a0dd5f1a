"""Agents and their sessions. Passwords as argon2 hashes, session tokens as SHA-256: neither can be read back."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assistant.conversation.redis_connection import RedisClient
from assistant.conversation.state import Agent
from assistant.errors import InvalidRequest, NotAuthenticated

AGENTS = "offramp:agents"
SESSION_SECONDS = 12 * 3600
MIN_PASSWORD_CHARACTERS = 10
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


class Accounts:
    def __init__(self, redis: RedisClient) -> None:
        self._redis = redis
        # OWASP's smallest setting: 19 MiB, two passes; some 30 ms of one core.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._hashing = asyncio.Semaphore(2)
        # Checked when the name is unknown, so that both answers take equally long.
        self._nobody = self._hasher.hash(secrets.token_hex())

    async def add(self, username: str, password: str, name: str | None = None) -> Agent:
        """Create an agent or change its password and name. Raises `InvalidRequest`."""
        if not _USERNAME.fullmatch(username):
            raise InvalidRequest("A username has 1 to 40 of a-z, 0-9, dot, dash and underscore.")
        if len(password) < MIN_PASSWORD_CHARACTERS:
            raise InvalidRequest(f"A password has at least {MIN_PASSWORD_CHARACTERS} characters.")
        agent = Agent(username, name or username.replace(".", " ").title())
        await self._redis.hset(AGENTS, username, json.dumps({"name": agent.name, "hash": self._hasher.hash(password)}))
        return agent

    async def all(self) -> list[Agent]:
        accounts = await self._redis.hgetall(AGENTS)
        return sorted((Agent(u, json.loads(a)["name"]) for u, a in accounts.items()), key=lambda agent: agent.username)

    async def remove(self, username: str) -> bool:
        """Whether there was such an agent."""
        return bool(await self._redis.hdel(AGENTS, username))

    async def any(self) -> bool:
        return bool(await self._redis.hlen(AGENTS))

    async def sign_in(self, username: str, password: str) -> tuple[Agent, str]:
        """The agent and a session token. Raises `NotAuthenticated`."""
        stored = await self._redis.hget(AGENTS, username)
        account = json.loads(stored) if stored else {"name": "", "hash": self._nobody}
        try:
            async with self._hashing:
                await asyncio.to_thread(self._hasher.verify, account["hash"], password)
        except (VerificationError, InvalidHashError, UnicodeEncodeError) as error:
            raise NotAuthenticated("Name or password is wrong.") from error
        if not stored:
            raise NotAuthenticated("Name or password is wrong.")
        token = secrets.token_urlsafe(32)
        await self._redis.set(_session(token), f"{username} {_generation(account['hash'])}", ex=SESSION_SECONDS)
        return Agent(username, account["name"]), token

    async def signed_in(self, token: str) -> Agent:
        """Raises `NotAuthenticated`."""
        username, _, generation = (await self._redis.get(_session(token)) or "").partition(" ")
        stored = await self._redis.hget(AGENTS, username) if username else None
        account = json.loads(stored) if stored else None
        if account is None or _generation(account["hash"]) != generation:
            raise NotAuthenticated
        return Agent(username, account["name"])

    async def sign_out(self, token: str) -> None:
        await self._redis.delete(_session(token))


def _generation(password_hash: str) -> str:
    """Changes with the password, so that old sessions end."""
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]


def _session(token: str) -> str:
    return f"offramp:desk-session:{hashlib.sha256(token.encode('utf-8', 'replace')).hexdigest()}"

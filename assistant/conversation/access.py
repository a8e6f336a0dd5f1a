"""Who may read and write a conversation: the holder of its token, and nobody else."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from assistant.conversation.log import ConversationLog
from assistant.conversation.record import Record
from assistant.errors import NotAuthenticated, NotFound

_ID = re.compile(r"[a-z0-9]{26}")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


def new_conversation_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(26))


def new_token(conversation_id: str) -> tuple[str, str]:
    """An opaque token, and the hash of it that is stored."""
    token = f"{conversation_id}.{secrets.token_urlsafe(24)}"
    return token, hash_token(token)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def bearer(header: str | None) -> str:
    """The token of an `Authorization: Bearer …` header. Raises `NotAuthenticated`."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated
    return token.strip()


async def access_conversation(log: ConversationLog, conversation_id: str, token: str) -> Record:
    """The conversation, for the holder of its token.

    Raises `NotAuthenticated` for a token that is none, and `NotFound` for a conversation that does not exist
    or is somebody else's: the two look the same.
    """
    own_id = token.partition(".")[0]
    if not _ID.fullmatch(own_id):
        raise NotAuthenticated
    try:
        record = await log.record(own_id)
    except NotFound as error:
        raise NotAuthenticated from error
    if not record.token_hash or not hmac.compare_digest(record.token_hash, hash_token(token)):
        raise NotAuthenticated
    if own_id != conversation_id:
        raise NotFound
    return record

"""The error tree: each error has a code, an HTTP status and a public sentence; one handler renders them all."""

from __future__ import annotations


class OfframpError(Exception):
    """Base of everything that may reach a client. `str(error)` is fit to be read by the public."""

    status = 500
    code = "internal"
    title = "Something failed on our side"
    retry_after_seconds: int | None = None

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)


class InvalidRequest(OfframpError):
    status, code, title = 422, "invalid_request", "The request does not fit"


class NotAuthenticated(OfframpError):
    status, code, title = 401, "not_authenticated", "A valid token is needed"


class Forbidden(OfframpError):
    status, code, title = 403, "forbidden", "This is not allowed from here"


class NotFound(OfframpError):
    """Also for what exists but is somebody else's: the two must look the same."""

    status, code, title = 404, "not_found", "There is no such conversation"


class Conflict(OfframpError):
    status, code, title = 409, "conflict", "This clashes with what happened meanwhile"


class IdempotencyConflict(Conflict):
    code, title = "idempotency_conflict", "This client_message_id was used for another message"


class AlreadyClaimed(Conflict):
    code, title = "already_claimed", "Somebody else has this conversation"


class NotYours(Conflict):
    code, title = "not_yours", "This conversation is not yours at the moment"


class TooLarge(OfframpError):
    status, code, title = 413, "too_large", "The request is too large"


class TooMany(OfframpError):
    status, code, title = 429, "too_many", "Too many requests"
    retry_after_seconds = 10


class Unavailable(OfframpError):
    status, code, title = 503, "unavailable", "We can't take this right now; please send it again"
    retry_after_seconds = 2

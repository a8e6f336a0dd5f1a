"""Who a logged-in customer is: a JWT signed by the company's own backend, never what a page merely says."""

from __future__ import annotations

import jwt
from jwt.types import Options

from assistant.conversation.record import Customer
from assistant.errors import InvalidRequest, NotAuthenticated

# HS256 with the shared secret only: the token's own header must not choose.
ALGORITHMS = ["HS256"]
CLAIMS: Options = {"require": ["exp", "sub"]}


def customer_from(token: str, secret: str | None) -> Customer:
    """The customer in a token: `sub`, and if given `name`, `email`, `tier`.

    Raises `InvalidRequest` if no secret is set, and `NotAuthenticated` for a token that is forged or expired.
    """
    if not secret:
        raise InvalidRequest("`identity` needs OFFRAMP_IDENTITY_SECRET to be set.")
    try:
        claims = jwt.decode(token, secret, algorithms=ALGORITHMS, options=CLAIMS)
    except jwt.PyJWTError as error:
        raise NotAuthenticated("`identity` is not a valid token.") from error
    return Customer(
        id=str(claims["sub"]),
        name=_text(claims.get("name")),
        email=_text(claims.get("email")),
        tier=_text(claims.get("tier")),
    )


def _text(value: object) -> str | None:
    return value[:200] if isinstance(value, str) else None

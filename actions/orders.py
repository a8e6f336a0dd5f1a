"""Where an order is: the `Orders` protocol, a demo store, and the company's own HTTP endpoint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import httpx2

_NUMBER = re.compile(r"(?:TT)?[- ]?(\d{6})$", re.IGNORECASE)
LOOK_UP_TIMEOUT_SECONDS = 2.5


class OrdersUnavailable(RuntimeError):
    """The order system did not give a usable answer in time."""


@dataclass(frozen=True)
class Order:
    """`status` in words a customer understands; `details` is one more sentence or empty."""

    number: str
    status: str
    details: str = ""


class Orders(Protocol):
    """Finds an order by its normalised number (`TT-104233`).

    Returns None when there is no such order. Raises `OrdersUnavailable` within `LOOK_UP_TIMEOUT_SECONDS`
    when the order system cannot be asked. Never invents a status.
    """

    async def find(self, number: str) -> Order | None: ...


def normalise_number(text: str) -> str | None:
    """`#tt 104233` → `TT-104233`; None if it does not look like an order number."""
    found = _NUMBER.match(text.strip().lstrip("#").strip())
    return f"TT-{found.group(1)}" if found else None


_DEMO_STATES = (
    ("packed", "It leaves our warehouse today; the tracking link follows by e-mail."),
    ("on its way", "The carrier has it, and the tracking link in your dispatch e-mail shows where."),
    ("out for delivery", "The driver has it; most parcels arrive before 18:00."),
    ("delivered", "It was handed over at the address on the order."),
    ("being prepared", "We're picking it now. You can still change it for 60 minutes after ordering."),
)


class DemoOrders:
    """Orders of the demo shop: every number from TT-100000 to TT-199999 exists, always in the same state."""

    async def find(self, number: str) -> Order | None:
        digits = int(number.removeprefix("TT-"))
        if not 100_000 <= digits <= 199_999:
            return None
        status, details = _DEMO_STATES[digits % len(_DEMO_STATES)]
        return Order(number, status, details)


class HttpOrders:
    """`GET <url>/<number>` at the company: 200 `{"status", "details"?}`, 404 for an unknown number."""

    def __init__(self, url: str, token: str | None, client: httpx2.AsyncClient) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = client

    async def find(self, number: str) -> Order | None:
        try:
            response = await self._client.get(
                f"{self._url}/{number}", headers=self._headers, timeout=LOOK_UP_TIMEOUT_SECONDS
            )
            if response.status_code == 404:
                return None
            response.raise_for_status()
            body = response.json()
            return Order(number, str(body["status"]), str(body.get("details") or ""))
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise OrdersUnavailable(f"the order system did not answer: {type(error).__name__}") from error

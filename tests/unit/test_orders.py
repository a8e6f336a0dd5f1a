from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import httpx2
import pytest

from actions.orders import DemoOrders, HttpOrders, Order, OrdersUnavailable, normalise_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("TT-104233", "TT-104233"),
        ("tt104233", "TT-104233"),
        ("#TT 104233", "TT-104233"),
        (" 104233 ", "TT-104233"),
        ("#104233", "TT-104233"),
        ("TT-10423", None),
        ("TT-1042333", None),
        ("my order", None),
        ("", None),
        ("TT-104233/../admin", None),
    ],
)
def test_that_order_numbers_are_read_as_customers_write_them(typed: str, number: str | None) -> None:
    assert normalise_number(typed) == number


class OrderSystem(BaseHTTPRequestHandler):
    """Answers by the last digit of the order number, as order systems do on good and bad days."""

    answers: ClassVar[dict[str, tuple[int, str]]] = {
        "0": (200, json.dumps({"status": "on its way", "details": "Tomorrow."})),
        "1": (200, json.dumps({"status": "packed"})),
        "2": (404, ""),
        "3": (500, "boom"),
        "4": (200, "not json"),
        "5": (200, json.dumps({"state": "?"})),
        "6": (200, "[]"),
        "7": (200, "null"),
    }

    def do_GET(self) -> None:
        if self.headers["Authorization"] != "Bearer let-me-in":
            status, body = 401, ""
        else:
            status, body = self.answers[self.path[-1]]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), OrderSystem)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/orders/"
    server.shutdown()
    server.server_close()


def look_up(url: str, number: str, token: str | None = "let-me-in") -> Order | None:
    async def find() -> Order | None:
        async with httpx2.AsyncClient() as client:
            return await HttpOrders(url, token, client).find(number)

    return asyncio.run(find())


def test_that_an_order_is_found_at_the_company(url: str) -> None:
    assert look_up(url, "TT-104230") == Order("TT-104230", "on its way", "Tomorrow.")
    assert look_up(url, "TT-104231") == Order("TT-104231", "packed", "")
    assert look_up(url, "TT-104232") is None


@pytest.mark.parametrize("number", [f"TT-10423{digit}" for digit in "34567"])
def test_that_an_unusable_answer_is_never_taken_for_a_status(url: str, number: str) -> None:
    with pytest.raises(OrdersUnavailable):
        look_up(url, number)


def test_that_a_refused_token_is_not_an_unknown_order(url: str) -> None:
    with pytest.raises(OrdersUnavailable):
        look_up(url, "TT-104230", token=None)


def test_that_an_order_system_that_is_not_there_is_said_so() -> None:
    with pytest.raises(OrdersUnavailable):
        look_up("http://127.0.0.1:1", "TT-104230")


def test_that_the_demo_shop_always_tells_the_same() -> None:
    demo = DemoOrders()
    first, again = (asyncio.run(demo.find("TT-104233")) for _ in range(2))
    assert first == again is not None
    assert asyncio.run(demo.find("TT-999999")) is None

"""What a turn costs through the whole stack: gateway, Rasa, action server, Redis.

Needs a running product (`make up`). Compares within one run: a FAQ turn, small talk and an empty request to the
gateway, in turn; and the 5th turn of a conversation with the 100th. Writes docs/results/turns.md.

    .venv/bin/python benchmarks/turns.py
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import httpx2

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results" / "turns.md"
FAQ = (
    "which cards do you accept",
    "how do I reset my password",
    "do you deliver to Germany",
    "how long is the warranty on a tent",
    "can I use two discount codes",
    "where are your shops",
    "how do I wash a down jacket",
    "what happens if I miss the courier",
)
SMALL_TALK = ("hi", "thanks")


class Conversation:
    def __init__(self, url: str) -> None:
        self._http = httpx2.Client(base_url=url, timeout=30)
        started = self._http.post("/v1/conversations", json={"channel": "app"})
        started.raise_for_status()
        body = started.json()
        self._path = f"/v1/conversations/{body['conversation_id']}"
        self._http.headers["Authorization"] = f"Bearer {body['token']}"

    def turn(self, text: str) -> float:
        """Milliseconds from sending a message to holding the answer."""
        body = {"client_message_id": uuid.uuid4().hex, "text": text}
        started = time.perf_counter()
        sent = self._http.post(f"{self._path}/messages", params={"wait": 20}, json=body)
        spent = (time.perf_counter() - started) * 1000
        sent.raise_for_status()
        if not sent.json()["replies"]:
            raise SystemExit("a message got no answer: is the product running and ready?")
        return spent

    def nothing(self) -> float:
        started = time.perf_counter()
        self._http.get("/healthz").raise_for_status()
        return (time.perf_counter() - started) * 1000


def short_conversations(url: str, rounds: int) -> dict[str, list[float]]:
    """FAQ, small talk and an empty request in turn, a new conversation every few turns."""
    spent: dict[str, list[float]] = {"FAQ turn": [], "small talk": [], "empty request": []}
    for number in range(rounds):
        conversation = Conversation(url)
        conversation.turn("hi")  # the first turn also starts the tracker
        for offset in range(3):
            spent["FAQ turn"].append(conversation.turn(FAQ[(number * 3 + offset) % len(FAQ)]))
            spent["small talk"].append(conversation.turn(SMALL_TALK[offset % 2]))
            spent["empty request"].append(conversation.nothing())
    return spent


def long_conversations(url: str, conversations: int, turns: int) -> tuple[list[float], list[float]]:
    """Milliseconds of turns 3 to 7, and of the last five, of conversations in which nothing repeats an answer."""
    early: list[float] = []
    late: list[float] = []
    for _ in range(conversations):
        conversation = Conversation(url)
        # Small talk and questions without hand-off: the bot must keep the conversation to the end.
        spent = [conversation.turn("where is my order TT-104233" if i % 2 else "thanks") for i in range(turns)]
        early += spent[2:7]
        late += spent[-5:]
    return early, late


def quantiles(values: list[float]) -> tuple[float, float, float]:
    ordered = sorted(values)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.95)], ordered[int(len(ordered) * 0.99)]


def report(spent: dict[str, list[float]], early: list[float], late: list[float], turns: int) -> str:
    rows = [
        f"| {name} | {len(values)} | {p50:.1f} | {p95:.1f} | {p99:.1f} |"
        for name, values in spent.items()
        for p50, p95, p99 in [quantiles(values)]
    ]
    faq, talk = statistics.median(spent["FAQ turn"]), statistics.median(spent["small talk"])
    load = os.getloadavg()[0]
    return "\n".join(
        [
            "# Turns through the whole stack",
            "",
            f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores, load average {load:.1f}, by",
            "`.venv/bin/python benchmarks/turns.py` against `make up` on the same machine.",
            "",
            "| milliseconds | turns | p50 | p95 | p99 |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"A FAQ turn takes {faq / talk:.2f} times as long as small talk, which needs no search.",
            f"The {turns}th turn of a conversation takes {statistics.median(late) / statistics.median(early):.2f} times"
            f" as long as the 5th (medians {statistics.median(late):.1f} and {statistics.median(early):.1f} ms).",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--conversations", type=int, default=3)
    parser.add_argument("--turns", type=int, default=100)
    options = parser.parse_args()
    spent = short_conversations(options.url, options.rounds)
    text = report(spent, *long_conversations(options.url, options.conversations, options.turns), options.turns)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(text)
    print(text)


if __name__ == "__main__":
    main()

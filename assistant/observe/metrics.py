"""Prometheus metrics of the gateway."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

# Seconds; a FAQ turn takes some 30 ms, a turn through a restart of Rasa some 10 s.
TURN_BUCKETS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)


class Metrics:
    """One registry a gateway, so that two apps in one test process do not collide."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turns = Histogram(
            "offramp_turn_seconds", "Turns by outcome", ["outcome"], buckets=TURN_BUCKETS, registry=self.registry
        )
        self.handoffs = Counter("offramp_handoffs_total", "Hand-offs by rule", ["rule"], registry=self.registry)
        self.messages = Counter(
            "offramp_messages_total", "Accepted customer messages", ["channel"], registry=self.registry
        )
        self.worker_errors = Counter(
            "offramp_worker_errors_total", "Turns that ended in an unexpected error", registry=self.registry
        )
        self.streams = Gauge("offramp_open_streams", "Open event streams", registry=self.registry)
        self.waiting = Gauge("offramp_waiting", "Conversations waiting for a human", registry=self.registry)

    def turn(self, outcome: str, seconds: float) -> None:
        self.turns.labels(outcome).observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)

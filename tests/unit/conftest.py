"""The exported encoder, made once and shared by all unit tests that search."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.encoder import Encoder
from knowledge_base.export import ensure_encoder

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return ensure_encoder(REPOSITORY / ".offramp")


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY

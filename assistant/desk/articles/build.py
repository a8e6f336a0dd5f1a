"""Builds a snapshot in a process of its own, so that the gateway never has a model in memory.

`python -m assistant.desk.articles.build ARTICLES STATE` prints a JSON object a line: `{stage, done}` while it works,
at the end `{version}` or `{problem}`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from assistant.encoder import Encoder, EncoderError
from knowledge_base.articles import ArticleError
from knowledge_base.build import build_snapshot
from knowledge_base.snapshot import SnapshotError

# Customers' questions come first.
NICENESS = 10


def tell(**row: object) -> None:
    print(json.dumps(row), flush=True)


def main(articles: Path, state: Path) -> int:
    os.nice(NICENESS)
    try:
        encoder = Encoder(state / "encoder")
        version = build_snapshot(
            articles, encoder, state / "kb", lambda stage, done: tell(stage=stage, done=round(done, 2))
        )
    except (ArticleError, EncoderError, SnapshotError, OSError, ValueError) as error:
        tell(problem=str(error))
        return 1
    tell(version=version)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

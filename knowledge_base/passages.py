"""The part of an answer that speaks to a follow-up question."""

from __future__ import annotations

import re

import numpy as np

from assistant.encoder import Encoder
from knowledge_base.articles import Article

_PARAGRAPH = re.compile(r"\n\s*\n")


def passage_for(text: str, article: Article, encoder: Encoder) -> str:
    """Return the paragraph of the article's answer, Markdown as approved, that is nearest to `text`.

    A list stays with the paragraph that introduces it.
    """
    parts: list[str] = []
    for part in _PARAGRAPH.split(article.answer.strip()):
        if parts and (part.lstrip().startswith(("-", "*", "1.")) or parts[-1].rstrip().endswith(":")):
            parts[-1] += f"\n\n{part}"
        else:
            parts.append(part)
    vectors = encoder.encode([text, *parts])
    return parts[int(np.argmax(vectors[1:] @ vectors[0]))]

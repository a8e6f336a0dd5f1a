"""The part of an answer that speaks to a follow-up question."""

from __future__ import annotations

import re

import numpy as np

from assistant.encoder import Encoder
from knowledge_base.articles import Article

_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")
_MARKUP = re.compile(r"[*_\[\]#>]|\(/?\S+\)")
# Words; less is a heading or a fragment of a list.
MIN_WORDS = 2


def sentences_of(article: Article) -> list[str]:
    """Return the sentences of an answer, without Markdown; the question if it has none."""
    parts = (_MARKUP.sub("", part).strip(" -") for part in _SENTENCE_END.split(article.answer))
    return [part for part in parts if len(part.split()) >= MIN_WORDS] or [article.question]


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

"""The parts of an answer, and which of them speaks to a follow-up question."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.heads import Floats

_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")
_MARKUP = re.compile(r"[*_\[\]#>]|\(/?\S+\)")
# Words; less is a heading or a fragment of a list.
MIN_WORDS = 2


@dataclass(frozen=True)
class AnswerParts:
    """The paragraphs of an answer, Markdown as approved; their vectors, and those of its sentences."""

    paragraphs: tuple[str, ...]
    vectors: Floats
    sentences: Floats

    @classmethod
    def of(cls, article: Article, encoder: Encoder) -> AnswerParts:
        paragraphs = paragraphs_of(article)
        return cls(paragraphs, encoder.encode(paragraphs), encoder.encode(sentences_of(article)))

    def nearest(self, vector: Floats) -> str:
        """Return the paragraph that is nearest to an encoded text."""
        return self.paragraphs[int(np.argmax(self.vectors @ vector))]


def paragraphs_of(article: Article) -> tuple[str, ...]:
    """Return the paragraphs of an answer; a list stays with the paragraph that introduces it."""
    parts: list[str] = []
    for part in _PARAGRAPH.split(article.answer.strip()):
        if parts and (part.lstrip().startswith(("-", "*", "1.")) or parts[-1].rstrip().endswith(":")):
            parts[-1] += f"\n\n{part}"
        else:
            parts.append(part)
    return tuple(parts)


def sentences_of(article: Article) -> list[str]:
    """Return the sentences of an answer, without Markdown; the question if it has none."""
    parts = (_MARKUP.sub("", part).strip(" -") for part in _SENTENCE_END.split(article.answer))
    return [part for part in parts if len(part.split()) >= MIN_WORDS] or [article.question]

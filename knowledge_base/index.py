"""The index in memory: rows of text that point to articles, their scores, and a calibrated probability."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from assistant.encoder import Encoded, Encoder, Tokens
from knowledge_base.articles import Article
from knowledge_base.calibration import Calibration, Doubles
from knowledge_base.heads import Floats, Rows
from knowledge_base.late_interaction import LateInteraction, Pieces, Projection
from knowledge_base.lexical import MAX_TERMS, Lexicon
from knowledge_base.observations import Questions, calibrate
from knowledge_base.scoring import MAX_LEXICAL_WEIGHTS, Heads, Scorer, Scores, heads_help
from knowledge_base.text import first_words, normalise
from knowledge_base.wording import Wording, Words, words_of

# Phrasings; with fewer, parts of the answer stand in for the words that customers would use.
VIEWS_BELOW_PHRASINGS = 3
# Words of the answer behind the question, one view each.
VIEW_WORDS = (30, 120)
# Share of the questions, beside phrasings, in what confidence is fitted on. A list of phrasings says each thing once;
# customers mostly say the usual, which is what the question does. Chosen on the demo shop's evaluation questions.
QUESTION_SHARE = 0.5

# Characters of all texts; the tokens of more take gigabytes while building, and so many phrasings gain nothing by them.
MAX_LATE_CHARACTERS = 3_000_000

Progress = Callable[[str, float], None]


class Kind(IntEnum):
    """What a row's text is."""

    QUESTION = 0
    PHRASING = 1
    VIEW = 2


@dataclass(frozen=True)
class TextRows:
    """Texts to encode, ordered by article; `owners` are article numbers, `kinds` the `Kind` of each text."""

    texts: tuple[str, ...]
    owners: Rows
    kinds: npt.NDArray[np.uint8]


def rows_of(articles: Sequence[Article]) -> TextRows:
    """Return questions, phrasings and, for articles with few phrasings, views of question and answer."""
    rows = [(text, number, kind) for number, article in enumerate(articles) for text, kind in _texts_of(article)]
    return TextRows(
        tuple(text for text, _, _ in rows),
        np.array([number for _, number, _ in rows], dtype=np.int64),
        np.array([kind for _, _, kind in rows], dtype=np.uint8),
    )


def _texts_of(article: Article) -> list[tuple[str, Kind]]:
    rows = [(normalise(article.question), Kind.QUESTION)] if article.question else []
    rows += [(normalise(phrasing), Kind.PHRASING) for phrasing in article.phrasings]
    if article.answer and len(article.phrasings) < VIEWS_BELOW_PHRASINGS:
        rows += [
            (f"{article.question} {first_words(article.answer, words)}".strip(), Kind.VIEW) for words in VIEW_WORDS
        ]
    return rows


class Index:
    """Scores all articles for a text. `article_ids` gives the order of the scores' last axis."""

    def __init__(
        self,
        article_ids: Sequence[str],
        scorer: Scorer,
        lexicon: Lexicon | None,
        wording: Wording,
        calibration: Calibration,
    ) -> None:
        self.article_ids = tuple(article_ids)
        self.scorer, self.lexicon, self.wording, self.calibration = scorer, lexicon, wording, calibration

    def with_scorer(self, scorer: Scorer) -> Index:
        """Return the same index with another scorer of the same rows."""
        return Index(self.article_ids, scorer, self.lexicon, self.wording, self.calibration)

    def with_calibration(self, calibration: Calibration) -> Index:
        """Return the same index with another confidence."""
        return Index(self.article_ids, self.scorer, self.lexicon, self.wording, calibration)

    def encode(self, encoder: Encoder, texts: Sequence[str]) -> Encoded:
        """Return what `scores` needs of normalised `texts`: tokens only where there is late interaction."""
        if self.scorer.late is None:
            return Encoded(encoder.encode(texts), ())
        return encoder.encode_with_tokens(texts)

    def scores(self, encoded: Encoded, texts: Sequence[str]) -> Scores:
        """Score normalised `texts`, as `encode` reads them."""
        wording = self.wording.shares([words_of(text) for text in texts])
        late = self.scorer.late
        pieces = [] if late is None else [late.projection(tokens) for tokens in encoded.tokens]
        return self.scorer.scores(encoded.vectors, self._lexical_logits(texts), wording, pieces)

    def _lexical_logits(self, texts: Sequence[str]) -> Floats | None:
        head = self.scorer.heads.lexical if self.scorer.heads else None
        if head is None or self.lexicon is None:
            return None
        return np.stack([head.sparse_logits(*self.lexicon.vector(text)) for text in texts])


def build_index(articles: Sequence[Article], encoder: Encoder, progress: Progress = lambda stage, done: None) -> Index:
    """Encode the articles, fit the heads and calibrate. `progress` hears stages and shares done (0–1)."""
    rows = rows_of(articles)
    phrasings = int((rows.kinds == Kind.PHRASING).sum())
    with_heads = heads_help(len(articles), len(rows.texts), phrasings)
    with_late = with_heads and encoder.token_dimension > 0 and sum(map(len, rows.texts)) <= MAX_LATE_CHARACTERS
    vectors, tokens = _encode(rows.texts, encoder, with_late, progress)
    progress("fit", 0.0)
    pieces, late = _pieces(tokens, rows, len(articles)) if with_late else ((), None)
    tokens.clear()  # of all that is in memory, the most; from here on only their pieces are needed
    heads, lexicon = _fit_heads(rows, vectors, len(articles)) if with_heads else (None, None)
    scorer = Scorer(vectors, rows.owners, len(articles), heads, late)
    words = words_in(rows, articles)
    terms = None if lexicon is None else lexicon.matrix(rows.texts)
    questions = Questions(_weights(rows, articles), words, terms, pieces)
    calibration = calibrate(scorer, questions, lambda done: progress("calibrate", done))
    return Index([article.id for article in articles], scorer, lexicon, words.whole(rows.owners), calibration)


def words_in(rows: TextRows, articles: Sequence[Article]) -> Words:
    """Return the words of the rows and of the articles' answers."""
    return Words.of(rows.texts, [article.answer for article in articles])


def _weights(rows: TextRows, articles: Sequence[Article]) -> Doubles:
    """Return how much each row counts in the calibration. Views never do, nor the question that they repeat."""
    alone = np.array([len(article.phrasings) < VIEWS_BELOW_PHRASINGS for article in articles])
    phrasings = rows.kinds == Kind.PHRASING
    questions = (rows.kinds == Kind.QUESTION) & ~alone[rows.owners]
    share = QUESTION_SHARE / (1 - QUESTION_SHARE) * phrasings.sum() / max(1, questions.sum())
    weights: Doubles = phrasings + share * questions
    return weights


def _fit_heads(rows: TextRows, vectors: Floats, articles: int) -> tuple[Heads, Lexicon]:
    lexicon = Lexicon.fit(rows.texts, min(MAX_TERMS, MAX_LEXICAL_WEIGHTS // articles))
    return Heads.fit(vectors, rows.owners, articles, lexicon.matrix(rows.texts)), lexicon


def _pieces(tokens: Sequence[Tokens], rows: TextRows, articles: int) -> tuple[Sequence[Pieces], LateInteraction]:
    projection = Projection.fit(tokens)
    pieces = [projection(text) for text in tokens]
    return pieces, LateInteraction.of(projection, articles, pieces, rows.owners)


# Texts between two reports of progress.
ENCODE_STEP = 512


def _encode(
    texts: Sequence[str], encoder: Encoder, with_tokens: bool, progress: Progress
) -> tuple[Floats, list[Tokens]]:
    vectors: list[Floats] = []
    tokens: list[Tokens] = []
    for start in range(0, len(texts), ENCODE_STEP):
        progress("encode", start / len(texts))
        step = texts[start : start + ENCODE_STEP]
        encoded = encoder.encode_with_tokens(step) if with_tokens else Encoded(encoder.encode(step), ())
        vectors.append(encoded.vectors)
        tokens.extend(encoded.tokens)
    return np.concatenate(vectors), tokens

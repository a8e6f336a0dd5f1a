"""What `offramp kb learn` does to the demo shop's confidence, with simulated customers.

Half of the evaluation questions are asked over and over by customers of whom only some make anything known; the other
half measures. Customers differ in how often they do: after a right answer, a wrong one, the right choice among three,
and when it is not among them. Prints a table.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/learning.py
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assistant.encoder import Encoder
from knowledge_base.articles import Article, load_articles
from knowledge_base.calibration import Calibration
from knowledge_base.confidence import ANSWER_FROM, SUGGEST_FROM
from knowledge_base.evaluate import Query, parse_queries_jsonl
from knowledge_base.export import ensure_encoder
from knowledge_base.feedback import Feedback
from knowledge_base.index import build_index
from knowledge_base.learn import Judgement, observe, recalibrate
from knowledge_base.metrics import calibration_error
from knowledge_base.recalibration import UNCHANGED
from knowledge_base.search import KnowledgeBase

ROOT = Path(__file__).resolve().parents[1]
ASKED = 2_500
DRAWS = 40
# Every third article is missing: customers ask for more that is not there than a build expects.
MISSING = 3
# Logits on both questions of the calibration: it is far too sure.
TOO_SURE = 1.5


@dataclass(frozen=True)
class Customers:
    """Shares that make something known: of right and wrong answers, of choices with and without the right article."""

    name: str
    thanks: float
    complains: float
    chooses: float
    refuses: float

    def judged(self, confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        """Return the probability that each question is judged; one that was neither answered nor offered never is."""
        answered, offered = confidence >= ANSWER_FROM, confidence >= SUGGEST_FROM
        shares = np.where(right, self.thanks, self.complains), np.where(right, self.chooses, self.refuses)
        return np.where(answered, shares[0], np.where(offered, shares[1], 0.0))


EVEN = Customers("even", 0.3, 0.3, 0.7, 0.7)
COMPLAINING = Customers("complain 3 × as often as thank", 0.15, 0.45, 0.7, 0.5)
POLITE = Customers("thank 3 × as often as complain", 0.3, 0.1, 0.7, 0.5)


@dataclass(frozen=True)
class Effect:
    """On questions held out, without and with learning; means of all draws. `kept`: share of draws that changed it."""

    judged: float
    kept: float
    error: tuple[float, float]
    answered: tuple[float, float]
    precision: tuple[float, float]

    def __str__(self) -> str:
        pairs = (self.error, self.answered, self.precision)
        cells = " | ".join(f"{before:.3f} → {after:.3f}" for before, after in pairs)
        return f"{self.judged:.0f} | {self.kept:.0%} | {cells}"


def ask(knowledge_base: KnowledgeBase, queries: Sequence[Query]) -> Feedback:
    """Return each question as if it had been judged."""
    judgements = []
    for number, query in enumerate(queries):
        hits = knowledge_base.search(query.text).hits
        if hits:
            first = hits[0].article_id
            judgements.append(Judgement(query.text, first, first in query.relevant, number))
    return observe(judgements, knowledge_base, "demo")


def simulate(asked: Feedback, calibration: Calibration, customers: Customers, draws: int = DRAWS) -> Effect:
    """Let customers judge half of what is asked, learn, and measure on the other half, `draws` times."""
    drawn = [_draw(asked, calibration, customers, seed) for seed in range(draws)]
    judged, kept, *pairs = np.mean(drawn, axis=0).tolist()
    return Effect(judged, kept, *zip(pairs[:3], pairs[3:], strict=True))


def _draw(asked: Feedback, calibration: Calibration, customers: Customers, seed: int) -> list[float]:
    rng = np.random.default_rng(seed)
    confidence = calibration.before_learning(asked.features).astype(np.float64)
    half, held_out = np.array_split(rng.permutation(len(confidence)), 2)
    again = rng.choice(half, ASKED)
    again = again[rng.random(ASKED) < customers.judged(confidence[again], asked.right[again])]
    judged = replace(asked, features=asked.features[again], right=asked.right[again], times=np.arange(len(again)))
    learned, _ = recalibrate(judged, calibration)
    before, right = confidence[held_out], asked.right[held_out]
    return [len(again), learned != UNCHANGED, *_measure(before, right), *_measure(learned(before), right)]


def _measure(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    answered = confidence >= ANSWER_FROM
    return calibration_error(confidence, right), float(answered.mean()), float(right[answered].mean())


def too_sure(calibration: Calibration) -> Calibration:
    """Return a calibration that makes too much of the evidence."""
    (*weights, scope), (weight, winner) = calibration.scope, calibration.winner
    return Calibration((*weights, scope + TOO_SURE), (weight, winner + TOO_SURE))


def shop(articles: Sequence[Article], encoder: Encoder) -> KnowledgeBase:
    return KnowledgeBase(build_index(articles, encoder), articles, encoder, "demo")


def main() -> None:
    encoder = ensure_encoder(ROOT / ".offramp")
    articles = load_articles(ROOT / "knowledge_base" / "articles")
    queries = parse_queries_jsonl(
        ROOT / "knowledge_base" / "evaluation" / "questions.jsonl", {article.id for article in articles}
    )
    whole = shop(articles, encoder)
    asked = ask(whole, queries)
    fewer = shop([article for number, article in enumerate(articles) if number % MISSING], encoder)
    shops = {
        "as it is": (asked, whole.calibration),
        "every third article missing": (ask(fewer, queries), fewer.calibration),
        "far too sure": (asked, too_sure(whole.calibration)),
    }
    print("| shop | customers | judged | changed | calibration error | answered | answers right |")
    print("|---|---|---|---|---|---|---|")
    for name, (feedback, calibration) in shops.items():
        for customers in (EVEN, COMPLAINING, POLITE):
            print(f"| {name} | {customers.name} | {simulate(feedback, calibration, customers)} |")


if __name__ == "__main__":
    main()

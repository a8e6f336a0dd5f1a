"""Contrastive tuning of the encoder on the knowledge base's own phrasings, kept only when it wins on held-out ones.

The trainer of sentence-transformers needs accelerate and datasets; its loss does not, so the loop is here.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.export import export_encoder, find_model, tuned_name, use_tuned

if TYPE_CHECKING:
    import torch

# 32 distinct articles × 2 phrasings and 5e-5 gained 1.3 points on BANKING77 at 10 phrasings, after 20 steps.
BATCH_ARTICLES = 32
LEARNING_RATE = 5e-5
WARM_UP_STEPS = 20
MAX_STEPS = 220
# Steps between two looks at the stopping phrasings, and looks without a gain after which it stops.
CHECK_STEPS = 20
PATIENCE = 3
# Phrasings an article needs to spare one for stopping and two, or a fifth, for judging.
MIN_PHRASINGS = 5
JUDGED_PHRASINGS = 2
JUDGED_PART = 5
MIN_ARTICLES = 2
# Chance at most that an encoder no better wins this clearly (one-sided sign test on the judged phrasings).
SIGNIFICANCE = 0.05
MAX_GRADIENT = 1.0
MAX_WORD_PIECES = 64
SEED = 0

Progress = Callable[[str, float], None]


class TuneError(RuntimeError):
    """The knowledge base cannot be tuned on; the message says what it lacks."""


@dataclass(frozen=True)
class Split:
    """`training` articles lack the held-out phrasings; those are pairs of text and article id."""

    training: tuple[Article, ...]
    stopping: tuple[tuple[str, str], ...]
    judged: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Verdict:
    """Judged phrasings, and how many of them each encoder's index put the right article first for."""

    judged: int
    untuned: int
    tuned: int
    steps: int
    kept: bool

    def __str__(self) -> str:
        measured = f"Of {self.judged} held-out phrasings {self.untuned} were right before, {self.tuned} after"
        if self.kept:
            return f"{measured} {self.steps} steps: the tuned encoder is kept. Run `offramp build`, then restart."
        return f"{measured}: no clear gain. The encoder stays as it was."


def split_phrasings(articles: Sequence[Article], seed: int = SEED) -> Split:
    """Hold out some phrasings of each article with five or more. Raises `TuneError` if that leaves too little."""
    chance = random.Random(seed)  # noqa: S311  a split, not a secret
    training: list[Article] = []
    held: list[list[tuple[str, str]]] = []
    for article in articles:
        phrasings = list(article.phrasings)
        if len(phrasings) >= MIN_PHRASINGS:
            chance.shuffle(phrasings)
            spared = 1 + max(JUDGED_PHRASINGS, len(phrasings) // JUDGED_PART)
            held.append([(phrasings.pop(), article.id) for _ in range(spared)])
        training.append(replace(article, phrasings=tuple(phrasings)))
    if len(held) < MIN_ARTICLES:
        raise TuneError(
            f"Only {len(held)} articles have {MIN_PHRASINGS} phrasings or more: too few to tell whether tuning helps."
        )
    stopping = tuple(pairs[0] for pairs in held)
    return Split(tuple(training), stopping, tuple(pair for pairs in held for pair in pairs[1:]))


def tune(
    articles: Sequence[Article],
    state_dir: Path,
    setting: str | None = None,
    *,
    seconds: float = 300.0,
    max_steps: int = MAX_STEPS,
    progress: Progress = lambda stage, done: None,
) -> Verdict:
    """Tune for `seconds` at most, compare on held-out phrasings, and keep the tuned encoder only if it wins.

    A winner is saved in `<state_dir>/tuned` and exported as the encoder; else nothing changes. The comparison, which
    comes on top, builds the real index twice. Raises `TuneError`, `ExportError`, `OSError`.
    """
    split = split_phrasings(articles)
    state_dir.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".tune-", dir=state_dir))
    try:
        source = find_model(setting)
        steps = _train(source, work / "tuned", split, time.monotonic() + seconds, max_steps, progress)
        right = [
            _right(name, path, split, work, progress)
            for name, path in (("untuned", source), ("tuned", str(work / "tuned")))
        ]
        kept = wins(*right)
        if kept:
            use_tuned(work / "tuned", state_dir, tuned_name(setting))
        return Verdict(len(split.judged), sum(right[0]), sum(right[1]), steps, kept)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def wins(untuned: Sequence[bool], tuned: Sequence[bool]) -> bool:
    """Say whether the tuned encoder is right more often than chance explains, on the same texts."""
    from scipy.stats import binomtest

    gained = sum(after and not before for before, after in zip(untuned, tuned, strict=True))
    lost = sum(before and not after for before, after in zip(untuned, tuned, strict=True))
    if gained <= lost:
        return False
    return float(binomtest(gained, gained + lost, alternative="greater").pvalue) <= SIGNIFICANCE


def _right(name: str, source: str, split: Split, work: Path, progress: Progress) -> list[bool]:
    """For each judged phrasing, whether the index over the training phrasings puts its article first."""
    from knowledge_base.index import build_index
    from knowledge_base.search import results
    from knowledge_base.text import normalise

    directory = work / f"{name}-encoder"
    progress(f"judge the {name} encoder", 0.0)
    export_encoder(source, directory, name)
    encoder = Encoder(directory)
    index = build_index(split.training, encoder, lambda stage, done: progress(f"judge the {name} encoder", done))
    texts = [normalise(text) for text, _ in split.judged]
    found = results(index, encoder.encode(texts), texts)
    return [
        bool(result.hits) and result.hits[0].article_id == wanted
        for result, (_, wanted) in zip(found, split.judged, strict=True)
    ]


def _train(source: str, target: Path, split: Split, deadline: float, max_steps: int, progress: Progress) -> int:
    """Write the model with the best accuracy on the stopping phrasings to `target`; return its number of steps."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # there is one for the whole
    torch.manual_seed(SEED)
    model = SentenceTransformer(source, device="cpu").float()
    model.max_seq_length = min(model.max_seq_length or MAX_WORD_PIECES, MAX_WORD_PIECES)
    best, best_steps = _accuracy(model, split), 0
    weights = _copied(model)
    started, steps = time.monotonic(), 0
    for steps in _steps(model, split, max_steps):
        late = time.monotonic() >= deadline
        share = max(steps / max_steps, (time.monotonic() - started) / max(deadline - started, 1e-9))
        progress("tune", min(share, 1.0))
        if late or steps == max_steps or steps % CHECK_STEPS == 0:
            accuracy = _accuracy(model, split)
            if accuracy > best:
                best, best_steps, weights = accuracy, steps, _copied(model)
        if late or steps - best_steps >= PATIENCE * CHECK_STEPS:
            break
    model.load_state_dict(weights)
    model.max_seq_length = SentenceTransformer(source, device="cpu").max_seq_length
    model.save(str(target), create_model_card=False)
    return best_steps


def _steps(model: Any, split: Split, max_steps: int) -> Iterator[int]:
    """Train one step at a time and yield its number, 1 …"""
    import torch

    loss = _loss(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    warm_up = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min(1.0, (step + 1) / WARM_UP_STEPS))
    batches = pair_batches(split.training)
    for step in range(1, max_steps + 1):
        model.train()
        value = loss([model.preprocess(side) for side in next(batches)], None)
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_GRADIENT)
        optimiser.step()
        warm_up.step()
        yield step


def _loss(model: Any) -> Any:
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    # Each phrasing must find its partner among the others' and be found by it: symmetric InfoNCE.
    return MultipleNegativesRankingLoss(
        model, directions=("query_to_doc", "doc_to_query"), partition_mode="per_direction"
    )


def pair_batches(articles: Sequence[Article], seed: int = SEED) -> Iterator[tuple[list[str], list[str]]]:
    """Yield batches without end: two different texts of each of up to 32 articles, no article or text twice."""
    from knowledge_base.text import normalise

    chance = random.Random(seed)  # noqa: S311  an order, not a secret
    texts = [list(dict.fromkeys(normalise(text) for text in (a.question, *a.phrasings) if text)) for a in articles]
    known = [each for each in texts if len(each) >= 2]
    if len(known) < MIN_ARTICLES:
        raise TuneError("Fewer than two articles have two phrasings: there is nothing to learn from.")
    while True:
        chance.shuffle(known)
        for start in range(0, len(known), BATCH_ARTICLES):
            chosen = known[start : start + BATCH_ARTICLES]
            if len(chosen) >= MIN_ARTICLES:
                yield _distinct_pairs(chosen, chance)


def _distinct_pairs(texts: Sequence[Sequence[str]], chance: random.Random) -> tuple[list[str], list[str]]:
    seen: set[str] = set()
    left, right = [], []
    for each in texts:
        first, second = chance.sample(each, 2)
        if not seen & {first, second}:
            seen |= {first, second}
            left.append(first)
            right.append(second)
    return left, right


def _copied(model: Any) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def _accuracy(model: Any, split: Split) -> float:
    """Share of stopping phrasings whose article has the highest ½ nearest + ½ centroid cosine."""
    import numpy as np

    from knowledge_base.text import normalise

    model.eval()
    articles = [article for article in split.training if article.question or article.phrasings]
    texts = [normalise(text) for article in articles for text in (article.question, *article.phrasings) if text]
    owners = np.repeat(
        np.arange(len(articles)), [len(article.phrasings) + bool(article.question) for article in articles]
    )
    asked = [normalise(text) for text, _ in split.stopping]
    rows, queries = (model.encode(each, normalize_embeddings=True, show_progress_bar=False) for each in (texts, asked))
    cosines = queries @ rows.T
    central = np.stack([rows[owners == number].mean(axis=0) for number in range(len(articles))])
    central /= np.linalg.norm(central, axis=1, keepdims=True)
    nearest = np.stack([cosines[:, owners == number].max(axis=1) for number in range(len(articles))], axis=1)
    best = (nearest + queries @ central.T).argmax(axis=1)
    return float(
        np.mean([articles[number].id == wanted for number, (_, wanted) in zip(best, split.stopping, strict=True)])
    )

"""Contrastive tuning of the encoder on the knowledge base's own phrasings, kept only when it wins on held-out ones.

The trainer of sentence-transformers needs accelerate and datasets; its loss does not, so the loop is here.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.export import export_encoder, find_model, tuned_name, use_tuned

if TYPE_CHECKING:
    import torch

# Distinct articles a step, two phrasings of each. On BANKING77's training texts few passes over the phrasings gained
# most: more learn them by heart.
BATCH_ARTICLES = 64
LEARNING_RATE = 5e-5
WARM_UP_STEPS = 20
PASSES = 6
MIN_STEPS, MAX_STEPS = 40, 220
# How far the weights move from the untuned to the trained ones: half way keeps what the encoder knew of other words.
MOVE = 0.5
# Phrasings an article needs to spare one, or a fifth, for judging.
MIN_PHRASINGS = 3
JUDGED_PART = 5
MIN_ARTICLES = 2
# Chance at most that an encoder no better wins this clearly (one-sided sign test on the judged phrasings).
SIGNIFICANCE = 0.05
MAX_GRADIENT = 1.0
MAX_WORD_PIECES = 64
SEED = 0

Progress = Callable[[str, float], None]
# Hears the share done, 0 to 1.
Share = Callable[[float], None]


class TuneError(RuntimeError):
    """The knowledge base cannot be tuned on; the message says what it lacks."""


@dataclass(frozen=True)
class Split:
    """`training` articles lack the held-out phrasings; those are pairs of text and article id."""

    training: tuple[Article, ...]
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
    """Hold out some phrasings of each article with three or more. Raises `TuneError` if that leaves too little."""
    chance = random.Random(seed)  # noqa: S311  a split, not a secret
    training: list[Article] = []
    held: list[list[tuple[str, str]]] = []
    for article in articles:
        phrasings = list(article.phrasings)
        if len(phrasings) >= MIN_PHRASINGS:
            chance.shuffle(phrasings)
            spared = max(1, len(phrasings) // JUDGED_PART)
            held.append([(phrasings.pop(), article.id) for _ in range(spared)])
        training.append(replace(article, phrasings=tuple(phrasings)))
    if len(held) < MIN_ARTICLES:
        raise TuneError(
            f"Only {len(held)} articles have {MIN_PHRASINGS} phrasings or more: too few to tell whether tuning helps."
        )
    return Split(tuple(training), tuple(pair for pairs in held for pair in pairs))


def tune(
    articles: Sequence[Article],
    state_dir: Path,
    setting: str | None = None,
    *,
    seconds: float = 300.0,
    max_steps: int = MAX_STEPS,
    progress: Progress = lambda stage, done: None,
) -> Verdict:
    """Tune without some phrasings, compare on those, and if it wins tune on all of them, for `seconds` in all at most.

    A winner is saved in `<state_dir>/tuned` and exported as the encoder; else nothing changes. The comparison, which
    comes on top, builds the real index twice. Raises `TuneError`, `ExportError`, `OSError`.
    """
    split = split_phrasings(articles)
    state_dir.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".tune-", dir=state_dir))
    try:
        source, trial, target = find_model(setting), work / "trial", work / "tuned"
        steps = train(source, trial, split.training, seconds / 2, max_steps, partial(progress, "tune"))
        right = [
            _right(name, path, split, work, progress) for name, path in (("untuned", source), ("tuned", str(trial)))
        ]
        kept = wins(*right)
        if kept:
            train(source, target, articles, seconds / 2, steps, partial(progress, "tune on all phrasings"))
            use_tuned(target, state_dir, tuned_name(setting))
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
    found = results(index, index.encode(encoder, texts), texts)
    return [
        bool(result.hits) and result.hits[0].article_id == wanted
        for result, (_, wanted) in zip(found, split.judged, strict=True)
    ]


def train(
    source: str, target: Path, articles: Sequence[Article], seconds: float, max_steps: int, progress: Share
) -> int:
    """Write a tuned copy of the model `source` to `target`; return how many steps it was trained for."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # there is one for the whole
    torch.manual_seed(SEED)
    model = SentenceTransformer(source, device="cpu").float()
    word_pieces = model.max_seq_length
    model.max_seq_length = min(word_pieces or MAX_WORD_PIECES, MAX_WORD_PIECES)
    before = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    wanted, steps = min(max_steps, steps_for(articles)), 0
    started = time.monotonic()
    for steps in _steps(model, articles, wanted):
        spent = time.monotonic() - started
        progress(min(1.0, max(steps / wanted, spent / max(seconds, 1e-9))))
        if spent >= seconds:
            break
    _move_back(model, before)
    model.max_seq_length = word_pieces
    model.save(str(target), create_model_card=False)
    return steps


def steps_for(articles: Sequence[Article]) -> int:
    """So many passes over the phrasings, within limits."""
    phrasings = sum(len(article.phrasings) for article in articles)
    return min(MAX_STEPS, max(MIN_STEPS, PASSES * phrasings // (2 * BATCH_ARTICLES)))


def _move_back(model: Any, before: Mapping[str, torch.Tensor]) -> None:
    """Leave the weights `MOVE` of the way from those `before` to where training brought them."""
    after = model.state_dict()
    moved = {name: old + MOVE * (after[name] - old) if old.is_floating_point() else old for name, old in before.items()}
    model.load_state_dict(moved)


def _steps(model: Any, articles: Sequence[Article], wanted: int) -> Iterator[int]:
    """Train one step at a time and yield its number, 1 …"""
    import torch

    loss = _loss(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    warm_up = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min(1.0, (step + 1) / WARM_UP_STEPS))
    batches = pair_batches(articles)
    for step in range(1, wanted + 1):
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
    """Yield batches without end: two different texts of each of up to 64 articles, no article or text twice."""
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

"""Fits the weights of `knowledge_base/follow_ups.py`, and says what they are worth on follow-ups not used for it.

    python benchmarks/follow_up_weights.py

Prints the logit's weights and intercept, and AUROCs. Needs what `offramp build` makes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from as_written import Message, after_any, messages
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from assistant.encoder import Encoder
from assistant.setup.environments import ROOT
from knowledge_base.evaluate import parse_queries_jsonl
from knowledge_base.search import KnowledgeBase
from knowledge_base.snapshot import load_current

EVALUATION = ROOT / "knowledge_base" / "evaluation"
# Weak: three weights, several hundred messages.
INVERSE_REGULARISATION = 3.0


def examples(knowledge_base: KnowledgeBase, asked: Sequence[Message]) -> tuple[np.ndarray, np.ndarray]:
    """What speaks for the article before each message (messages, 3), and whether it answers it."""
    known = [one for one in asked if one.previous in knowledge_base.articles]
    rows = [knowledge_base.follow_up_evidence(one.text, str(one.previous)) for one in known]
    return np.array(rows), np.array([one.previous in one.relevant for one in known])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, default=ROOT / ".offramp", help="the state directory (default: .offramp)")
    state = parser.parse_args().state
    knowledge_base = load_current(state / "kb", Encoder(state / "encoder"))
    queries = parse_queries_jsonl(EVALUATION / "questions.jsonl", knowledge_base.articles)
    fit = examples(knowledge_base, messages(EVALUATION / "follow_ups_fit.jsonl"))
    unrelated = examples(knowledge_base, after_any(queries, list(knowledge_base.articles))[::2])
    x, y = (np.concatenate(parts) for parts in zip(fit, unrelated, strict=True))
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=1000).fit(x, y)
    print("weights", model.coef_[0].round(2).tolist(), "intercept", round(float(model.intercept_[0]), 2))
    tested = examples(knowledge_base, messages(EVALUATION / "follow_ups.jsonl"))
    for name, (features, same) in {"used for fitting": fit, "not used": tested}.items():
        print(f"AUROC, {name}: {roc_auc_score(same, model.decision_function(features)):.3f} of {len(same)}")


if __name__ == "__main__":
    main()

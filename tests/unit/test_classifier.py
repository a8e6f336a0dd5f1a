"""The message classifier, fitted on a part of the labelled messages."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant.encoder import Encoder
from assistant.escalation.cues import plain
from assistant.escalation.sentiment import MessageClassifier
from assistant.setup.artifacts import CLASSIFIER_CODE
from assistant.setup.classifier import Fitted, fit
from assistant.setup.environments import ROOT
from assistant.setup.labelled_data import LabelledData, TrainingDataError

# Of each file: every so manieth line, so that all labels occur.
STEP = 20
NLU = """version: "3.1"
nlu:
  - intent: ask_for_human
    examples: |
      - put me through to somebody
  - intent: greet
    examples: |
      - good morning
"""
TEXTS = (
    "get me a human NOW!!",
    "where is my parcel",
    "there is a payment on my card that I never made",
    "you are useless",
    "thanks, great",
)


@pytest.fixture(scope="module")
def directory(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    (data / "nlu").mkdir()
    (data / "nlu" / "nlu.yml").write_text(NLU, encoding="utf-8")
    (data / "escalation").mkdir()
    for path in (repository / "data" / "escalation").glob("*.csv"):
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        kept = [line for line in itertools.islice(lines, 0, None, STEP) if line.count('"') % 2 == 0]
        (data / "escalation" / path.name).write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
    return data / "escalation"


@pytest.fixture(scope="module")
def labelled(directory: Path, encoder: Encoder) -> LabelledData:
    return LabelledData.read(directory, encoder)


@pytest.fixture(scope="module")
def fitted(labelled: LabelledData) -> Fitted:
    return fit(labelled)


def test_that_a_message_alone_is_scored_as_in_the_fit_and_after_saving(
    labelled: LabelledData, fitted: Fitted, encoder: Encoder, tmp_path: Path
) -> None:
    MessageClassifier(
        fitted.weights.astype(np.float32), fitted.bias.astype(np.float32), fitted.network, encoder.fingerprint
    ).save(tmp_path / "classifier.npz")
    classifier = MessageClassifier.load(tmp_path / "classifier.npz")
    texts = [text for text, _ in labelled.abuse.rows[:20]]
    alone = [classifier.logits(text, read) for text, read in zip(texts, encoder.features(texts), strict=True)]
    assert np.stack(alone) == pytest.approx(
        fitted.logits(labelled.abuse.rows_at(range(20)), labelled.encoded), abs=1e-3
    )


def test_that_what_was_never_seen_is_told_apart(fitted: Fitted, encoder: Encoder) -> None:
    classifier = MessageClassifier(
        fitted.weights.astype(np.float32), fitted.bias.astype(np.float32), fitted.network, encoder.fingerprint
    )
    texts = [plain(text) for text in TEXTS]
    person, parcel, card, insult, thanks = (
        classifier.score(text, read) for text, read in zip(texts, encoder.features(texts), strict=True)
    )
    assert person.asked_for_human > 0.5 > max(parcel.asked_for_human, card.asked_for_human)
    assert card.topic == "fraud" and card.sensitive > parcel.sensitive
    assert insult.frustrated > 0.5 > thanks.frustrated
    assert thanks.negative < parcel.negative < insult.negative


def test_that_a_text_left_out_is_left_out_wherever_it_is_labelled(labelled: LabelledData) -> None:
    part = labelled.without(1, 4)
    left_out = {
        text
        for rows in (labelled.mood, labelled.human, labelled.sensitive)
        for (text, _), fold in zip(rows.rows, rows.folds(4).tolist(), strict=True)
        if fold == 1
    }
    kept = {text for rows in (part.mood, part.human, part.abuse, part.sensitive) for text, _ in rows.rows}
    assert left_out and kept and not left_out & kept


def test_that_whatever_it_is_fitted_by_makes_it_stale() -> None:
    pattern = re.compile(r"^from assistant\.([\w.]+) import", re.MULTILINE)
    imported = {
        f"{name.replace('.', '/')}.py"
        for path in CLASSIFIER_CODE
        for name in pattern.findall((ROOT / "assistant" / path).read_text(encoding="utf-8"))
    }
    assert imported and imported <= set(CLASSIFIER_CODE)


def test_that_a_broken_file_is_named_with_its_line(directory: Path, encoder: Encoder, tmp_path: Path) -> None:
    broken = shutil.copytree(directory.parent, tmp_path / "data") / "escalation"
    with (broken / "abuse.csv").open("a", encoding="utf-8") as file:
        file.write("no such label,rude\n")
    with pytest.raises(TrainingDataError, match=r"abuse\.csv:\d+: needs a text and one of the labels abuse, none"):
        LabelledData.read(broken, encoder)

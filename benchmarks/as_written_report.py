"""The section of docs/results/answering.md on messages as people write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from as_written import SPELLINGS, Asker, Got, Message, after_any, messages
from misspelt import SLIP_LETTERS, SLIPS
from tables import table

from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.evaluate import Query

HEADING = "## Messages as people write them"
COLUMNS = (
    ("accuracy", "accuracy"),
    ("top 3", "recall_at_3"),
    ("answered", "answered"),
    ("of these right", "answered_precision"),
    ("out-of-scope recall", "out_of_scope_recall"),
    ("AUROC", "auroc"),
)
TEMPLATE = """{heading}
Misspelt by program (`benchmarks/misspelt.py`), the same way at each run. Slips: {slips:.0f} % of the words of {letters}
letters or more get one (two letters swapped, one dropped, doubled or taken from the next key). Chat: small letters, no
punctuation, short forms, some of which the repair does not know. They were chosen
with the list of the repair (`assistant/spelling.py`) in view; the slips were not.

{spelling}

The two sets below, made for the demo shop, **were in view while the rules were written**: they show what the rules are
for, not what another shop will see. "Given" is an answer given without asking back.

`follow_ups.jsonl`: messages after an answer, read alone and after it, as the bot does. What has no answer should be
rejected. `questions.jsonl`, each after an article drawn at random, shows what that costs ordinary questions.

{follow_ups}

`several_sentences.jsonl`: messages with two questions, and messages of several sentences with one, read as one text and
split, as the bot does.

{several}
"""

Reading = Callable[[Sequence[Message]], Got]


def section(
    sets: Mapping[str, tuple[Sequence[Article], Sequence[Query]]], shop: str, evaluation: Path, encoder: Encoder
) -> str:
    """Measure `sets` misspelt, and the messages in `evaluation` with the articles of the set named `shop`."""
    askers = {name: Asker(articles, encoder) for name, (articles, _) in sets.items()}
    spelling = [row for name, (_, queries) in sets.items() for row in _spelling(name, askers[name], queries)]
    return TEMPLATE.format(
        heading=HEADING,
        slips=100 * SLIPS,
        letters=SLIP_LETTERS,
        spelling=table(["set", "spelling", "repair", *(title for title, _ in COLUMNS)], spelling),
        follow_ups=table(
            ["set", "read", "right article first", "given rightly", "given wrongly", "rejected"],
            [
                *_follow_ups("follow_ups.jsonl", askers[shop], messages(evaluation / "follow_ups.jsonl")),
                *_follow_ups("questions.jsonl", askers[shop], _after_any(*sets[shop])),
            ],
        ),
        several=_several(askers[shop], messages(evaluation / "several_sentences.jsonl")),
    )


def _spelling(name: str, asker: Asker, queries: Sequence[Query]) -> Iterator[list[str]]:
    for spelling, change in SPELLINGS.items():
        for repaired in (False, True):
            found = asker.ask(queries, change, repaired)
            print(name, spelling, repaired, found, flush=True)
            figures = (f"{getattr(found, column):.4f}".lstrip("0") for _, column in COLUMNS)
            yield [name, spelling, "yes" if repaired else "no", *figures]


def _after_any(articles: Sequence[Article], queries: Sequence[Query]) -> list[Message]:
    return after_any(queries, [article.id for article in articles])


def _follow_ups(name: str, asker: Asker, asked: Sequence[Message]) -> Iterator[list[str]]:
    in_scope = [one for one in asked if one.relevant]
    outside = [one for one in asked if not one.relevant]
    readings: dict[str, Reading] = {"alone": asker.as_one, "after the answer": asker.understood}
    for read, reading in readings.items():
        got, other = reading(in_scope), reading(outside)
        first, rejected = f"{got.first} of {got.messages}", f"{other.rejected} of {other.messages}"
        yield [name, read, first, str(got.given), str(got.wrong + other.wrong), rejected]


def _several(asker: Asker, asked: Sequence[Message]) -> str:
    readings: dict[str, Reading] = {"as one text": asker.as_one, "split": asker.understood}
    rows = []
    for questions in (2, 1):
        chosen = [one for one in asked if one.questions == questions]
        for read, reading in readings.items():
            got = reading(chosen)
            found = (f"{count} of {questions * got.messages}" for count in (got.first, got.given))
            rows.append([str(questions), str(got.messages), read, *found, str(got.wrong), str(got.split)])
    head = ["questions", "messages", "read", "right articles first", "given rightly", "given wrongly", "messages split"]
    return table(head, rows)

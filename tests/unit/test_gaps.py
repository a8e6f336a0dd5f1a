from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.conversation.events import Author, Event, Kind, Role
from assistant.conversation.record import Customer, Record
from assistant.conversation.state import State
from assistant.encoder import Encoder
from assistant.observe.questions import unanswered
from knowledge_base.articles import Article, ArticleError, load_articles
from knowledge_base.build import build_snapshot
from knowledge_base.gaps import Gap, Question, Reason, find_gaps, parse_questions_jsonl
from knowledge_base.search import KnowledgeBase
from knowledge_base.snapshot import load_current

MISSING_ARTICLES = 25
REPLAYED = 500
# Members of clusters that a person would look at.
LARGE = 3


class Replay:
    """500 questions about articles that were taken out of the demo shop's, or about nothing in it."""

    def __init__(self, repository: Path, seed: int = 7) -> None:
        chance = random.Random(seed)
        articles = load_articles(repository / "knowledge_base" / "articles")
        lines = (repository / "knowledge_base" / "evaluation" / "questions.jsonl").read_text().splitlines()
        rows = [json.loads(line) for line in lines]
        about = {row["relevant"][0] for row in rows if len(row["relevant"]) == 1}
        missing = chance.sample([article for article in articles if article.id in about], MISSING_ARTICLES)
        self.known = [article for article in articles if article not in missing]
        self.topics: dict[str, str] = {row["text"]: row["id"] for row in rows if not row["relevant"]}
        asked = [(text, 1.0) for text in self.topics]
        self.questions = [self._question(text, chance) for text, _ in asked]
        told = {article.id: self._texts(article, rows) for article in missing}
        self.topics |= {text: article_id for article_id, texts in told.items() for text in texts}
        popular = [chance.paretovariate(2) for _ in missing]
        while len(self.questions) < REPLAYED:
            article = chance.choices(missing, popular)[0]
            self.questions.append(self._question(chance.choice(told[article.id]), chance))

    def _texts(self, article: Article, rows: Sequence[Mapping[str, object]]) -> list[str]:
        return [*article.phrasings, *(str(row["text"]) for row in rows if row["relevant"] == [article.id])]

    def _question(self, text: str, chance: random.Random) -> Question:
        return Question(text, f"conversation {chance.randrange(420)}", Reason.NO_ANSWER)

    def purity(self, gaps: Sequence[Gap]) -> float:
        """The share of texts in clusters of three or more that are about what most of their cluster is about."""
        right = total = 0
        for gap in gaps:
            topics = [self.topics[text] for text in (gap.question, *gap.examples)]
            if len(topics) >= LARGE:
                right, total = right + Counter(topics).most_common(1)[0][1], total + len(topics)
        return right / total


@pytest.fixture(scope="module")
def replay(repository: Path) -> Replay:
    return Replay(repository)


@pytest.fixture(scope="module")
def found(replay: Replay, repository: Path, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> list[Gap]:
    directory = tmp_path_factory.mktemp("gaps")
    kept = {article.id for article in replay.known}
    for path in (repository / "knowledge_base" / "articles").rglob("*.md"):
        if f"id: {path.stem}" in path.read_text() and path.stem in kept:
            (directory / path.name).write_text(path.read_text())
    build_snapshot(directory, encoder, directory / "kb")
    return find_gaps(replay.questions, load_current(directory / "kb", encoder), encoder)


def test_that_replayed_questions_form_clusters_a_person_would_agree_with(replay: Replay, found: list[Gap]) -> None:
    assert sum(gap.count for gap in found) == REPLAYED
    assert len(found) < REPLAYED / 2
    assert replay.purity(found) >= 0.75


def test_that_what_most_customers_ask_comes_first_with_the_nearest_article(replay: Replay, found: list[Gap]) -> None:
    customers = [gap.customers for gap in found]
    assert customers == sorted(customers, reverse=True) and customers[0] >= 10
    assert all(gap.customers <= gap.count for gap in found)
    assert {gap.nearest for gap in found[:10]} <= {article.id for article in replay.known}


def test_that_one_customer_who_asks_thrice_counts_once(
    found: list[Gap], encoder: Encoder, built_kb: KnowledgeBase
) -> None:
    asked = [Question("Can I rent a tent?", "conversation a", Reason.NO_ANSWER)] * 3
    asked += [Question("can i rent a TENT", f"conversation {name}", Reason.UNHELPFUL) for name in "bc"]
    asked += [
        Question("Do you repair rucksacks?", "conversation b", Reason.NOT_CHOSEN),
        Question("???", "conversation d"),
    ]
    first, second = find_gaps(asked, built_kb, encoder)
    assert (first.customers, first.count, first.reasons) == (3, 5, {"no_answer": 3, "unhelpful": 2})
    assert (second.question, second.customers) == ("Do you repair rucksacks?", 1)


@pytest.fixture(scope="module")
def built_kb(repository: Path, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    root = tmp_path_factory.mktemp("kb")
    build_snapshot(repository / "knowledge_base" / "articles" / "stores", encoder, root)
    return load_current(root, encoder)


def test_that_every_bad_line_of_an_export_is_named(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"text": "do you rent tents"}\n{"question": "?"}\nnonsense\n{"text": "a", "conversation": 7}\n')
    with pytest.raises(ArticleError) as caught:
        parse_questions_jsonl(path)
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4]


def test_that_the_command_reads_an_export_and_writes_json(
    repository: Path, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_snapshot(repository / "knowledge_base" / "articles" / "stores", encoder, tmp_path / "kb")
    (tmp_path / "encoder").symlink_to(repository / ".offramp" / "encoder")
    monkeypatch.setenv("OFFRAMP_STATE_DIR", str(tmp_path))
    export = tmp_path / "questions.jsonl"
    export.write_text('{"text": "do you rent tents", "conversation": "a"}\n{"text": "what is love"}\n')
    done = CliRunner().invoke(app, ["kb", "gaps", "--json", "--limit", "1", "--input", str(export)])
    assert done.exit_code == 0, done.output
    assert [gap["customers"] for gap in json.loads(done.stdout)] == [1]


CUSTOMER, BOT, SYSTEM = (Author(role) for role in (Role.CUSTOMER, Role.BOT, Role.SYSTEM))
RECORD = Record("c1", State(), "web", 0.0)


def typed(number: int, text: str) -> Event:
    return Event(Kind.MESSAGE, CUSTOMER, f"{number}-0", text=text)


def chose(number: int, payload: str) -> Event:
    return Event(Kind.MESSAGE, CUSTOMER, f"{number}-0", text="a button", payload=payload)


def replied(number: int, to: int, decision: str | None, intent: str = "question") -> list[Event]:
    trace = {"decision": decision, "intent": intent}
    return [
        Event(Kind.MESSAGE, BOT, f"{number}-0", text="…", reply_to=f"{to}-0"),
        Event(Kind.TRACE, SYSTEM, f"{number}-1", reply_to=f"{to}-0", trace=trace),
    ]


def rated(number: int, message: int, helpful: bool) -> Event:
    return Event(Kind.FEEDBACK, CUSTOMER, f"{number}-0", event_id=f"{message}-0", helpful=helpful)


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (replied(2, 1, "answer"), None),
        (replied(2, 1, "human_only"), None),
        (replied(2, 1, None, "greet"), None),
        (replied(2, 1, "none"), Reason.NO_ANSWER),
        (replied(2, 1, "suggest"), Reason.NOT_CHOSEN),
        (replied(2, 1, "repeat"), Reason.REPEATED),
        ([*replied(2, 1, "suggest"), chose(3, "/choose"), *replied(4, 3, "answer")], None),
        ([*replied(2, 1, "suggest"), chose(3, "/none"), *replied(4, 3, None, "none_of_these")], Reason.UNHELPFUL),
        ([*replied(2, 1, "suggest"), chose(3, "/c"), *replied(4, 3, "answer"), rated(5, 4, False)], Reason.UNHELPFUL),
        ([*replied(2, 1, "answer"), rated(3, 2, True)], None),
        ([*replied(2, 1, "answer"), rated(3, 2, False)], Reason.UNHELPFUL),
        ([*replied(2, 1, "answer"), typed(3, "no good"), *replied(4, 3, None, "did_not_help")], Reason.UNHELPFUL),
    ],
)  # fmt: skip
def test_that_what_follows_a_question_says_whether_it_was_answered(after: list[Event], reason: Reason | None) -> None:
    found = unanswered(RECORD, [typed(1, "do you rent tents"), *after])
    assert [question.reason for question in found] == ([reason] if reason else [])


def test_that_a_late_rating_is_about_the_rated_answer() -> None:
    events = [typed(1, "one"), *replied(2, 1, "answer"), typed(3, "two"), *replied(4, 3, "answer"), rated(5, 2, False)]
    assert [question.text for question in unanswered(RECORD, events)] == ["one"]


def test_that_a_hand_off_for_want_of_an_answer_names_its_questions() -> None:
    events = [typed(1, "one"), *replied(2, 1, "answer"), typed(3, "two"), *replied(4, 3, "answer")]
    reason = {"code": "loop", "text": "…", "triggers": [{"rule": "loop", "message_ids": ["1-0", "3-0"]}]}
    found = unanswered(replace(RECORD, reason=reason), events)
    assert [(question.text, question.reason) for question in found] == [("one", "repeated"), ("two", "repeated")]
    asked_for_one = {"code": "customer_button", "triggers": [{"message_ids": ["3-0"]}]}
    assert unanswered(replace(RECORD, reason=asked_for_one), events) == []


def test_that_a_known_customer_counts_once_over_conversations_and_old_questions_do_not_count() -> None:
    events = [typed(1, "one"), *replied(2, 1, "none"), typed(3, "two"), *replied(4, 3, "none")]
    record = replace(RECORD, customer=Customer(id="42"))
    assert unanswered(record, events, since_ms=3) == [Question("two", "customer 42", Reason.NO_ANSWER)]

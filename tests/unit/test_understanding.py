"""Which questions of a message are answered, and when one is read after the answer before it."""

from __future__ import annotations

from canned import Canned, found

from knowledge_base.confidence import ANSWER_FROM
from knowledge_base.understanding import Asked, understand

RETURN, REFUND = "how do I return boots", "when do I get my money back?"
BOTH = f"{RETURN}, and {REFUND}"


def articles(asked: tuple[Asked, ...]) -> list[str | None]:
    return [one.article_id for one in asked]


def test_that_a_plain_question_is_one() -> None:
    [one] = understand(Canned({RETURN: found("returns")}), RETURN)
    assert (one.text, one.article_id, one.sure, one.follows, one.passage) == (RETURN, "returns", True, None, "")


def test_that_what_is_surely_about_the_answer_before_it_gets_a_part_of_that() -> None:
    shop = Canned({RETURN: found("returns"), BOTH: found("returns", "refunds"), REFUND: found("refunds")})
    [one] = understand(shop, RETURN, "returns")
    assert (one.follows, one.sure, bool(one.passage)) == ("returns", True, True)
    [other] = understand(shop, RETURN, "refunds")
    assert (other.follows, other.passage) == (None, "")
    shop = Canned({BOTH: found("returns"), RETURN: found("returns"), REFUND: found("refunds")})
    assert articles(understand(shop, BOTH, "returns")) == ["returns", "refunds"]


def test_that_another_question_about_an_article_given_earlier_gets_a_part_of_it() -> None:
    shop = Canned({RETURN: found("returns")})
    [one] = understand(shop, RETURN, "refunds", given={"returns", "sizes"})
    assert (one.follows, one.sure, one.passage) == ("returns", True, f"the part of returns on {RETURN}")
    [other] = understand(shop, RETURN, "refunds", given={"sizes"})
    assert other.follows is None


def test_that_two_questions_are_two_in_order() -> None:
    shop = Canned({BOTH: found("returns", confidence=0.5), RETURN: found("returns"), REFUND: found("refunds")})
    asked = understand(shop, BOTH)
    assert [one.text for one in asked] == [RETURN, REFUND]
    assert articles(asked) == ["returns", "refunds"]


def test_that_two_questions_about_one_article_are_one() -> None:
    shop = Canned({BOTH: found("returns"), RETURN: found("returns"), REFUND: found("returns")})
    assert articles(understand(shop, BOTH)) == ["returns"]


def test_that_no_message_is_split_if_none_of_its_questions_is_clear() -> None:
    unsure = {RETURN: found("returns", confidence=0.6), REFUND: found("refunds", confidence=0.6)}
    [one] = understand(Canned({BOTH: found("gifts", confidence=0.4), **unsure}), BOTH)
    assert one.text == BOTH


def test_that_a_story_does_not_drown_the_one_question_behind_it() -> None:
    story = f"My aunt sent me a pair for my birthday. {RETURN}?"
    likely = Canned({story: found("gifts", confidence=0.2), f"{RETURN}?": found("returns", confidence=0.6)})
    assert articles(understand(likely, story)) == ["returns"]
    unlikely = Canned({story: found("gifts", confidence=0.2), f"{RETURN}?": found("returns", confidence=0.3)})
    assert articles(understand(unlikely, story)) == ["gifts"]


def test_that_a_question_that_only_points_back_is_read_with_its_story() -> None:
    story = "My boots came in one size too small. Where do I see it?"
    shop = Canned({story: found("returns", confidence=0.2), "Where do I see it?": found("tracking", confidence=0.6)})
    assert articles(understand(shop, story)) == ["returns"]


def test_that_a_statement_is_offered_if_the_question_only_asks_whether_it_is_so() -> None:
    told = "A nurse says she gets money off."
    shop = {f"{told} Is that so?": found("gifts", confidence=0.2), told: found("discount", confidence=0.85)}
    [asked] = understand(Canned(shop), f"{told} Is that so?")
    assert (asked.article_id, asked.sure) == ("discount", False)


def test_that_background_is_not_answered_for_a_question_that_points_to_it() -> None:
    told = "My order came today."
    shop = {f"{told} Can I return it?": found("returns", confidence=0.4), told: found("late", confidence=0.85)}
    assert articles(understand(Canned(shop), f"{told} Can I return it?")) == ["returns"]


def test_that_a_question_about_nothing_in_the_shop_does_not_split_a_message() -> None:
    shop = Canned({BOTH: found("returns"), RETURN: found("returns"), REFUND: found("refunds", confidence=0.1)})
    assert [one.text for one in understand(shop, BOTH)] == [BOTH]


def test_that_at_most_three_questions_are_answered() -> None:
    questions = [f"where is department number {name}?" for name in "abcde"]
    shop = Canned({question: found(question) for question in questions})
    assert [one.text for one in understand(shop, " ".join(questions))] == questions[:3]


def test_that_a_question_behind_a_story_is_found() -> None:
    story, question = "My sister has small feet.", "Can I exchange the boots?"
    shop = Canned({f"{story} {question}": found("sizes", confidence=0.3), question: found("exchanges")})
    [one] = understand(shop, f"{story} {question}")
    assert (one.text, one.article_id) == (question, "exchanges")


def test_that_the_question_which_ends_a_story_is_not_asked_back() -> None:
    story, question = "The zip on my jacket has come apart.", "Can it be fixed?"
    parts = {story: found("zips", confidence=0.95), question: found("repairs", confidence=0.5)}
    shop = Canned({f"{story} {question}": found("zips"), **parts})
    assert articles(understand(shop, f"{story} {question}")) == ["zips"]


def test_that_background_is_no_question_unless_it_is_beyond_doubt() -> None:
    hurry, trouble = "The party is on Friday.", "My code fails at checkout."
    for background, confidence, expected in ((hurry, 0.9, ["returns"]), (trouble, 0.95, ["codes", "returns"])):
        text = f"{background} {RETURN}"
        shop = Canned(
            {text: found("returns"), background: found("codes", confidence=confidence), RETURN: found("returns")}
        )
        assert articles(understand(shop, text)) == expected


def test_that_a_fragment_is_read_after_the_answer_before_it() -> None:
    shop = Canned(
        {"and for Canada?": found("customs", confidence=0.3), "x": found("costs")}, {"and for Canada?": found("canada")}
    )
    [one] = understand(shop, "and for Canada?", "costs")
    assert (one.article_id, one.follows, one.passage) == ("canada", "costs", "")


def test_that_the_part_of_the_same_answer_is_named() -> None:
    text = "and by post?"
    shop = Canned({text: found("post", confidence=0.3)}, {text: found("returns", confidence=0.7)})
    [one] = understand(shop, text, "returns")
    assert (one.article_id, one.follows) == ("returns", "returns")
    assert one.passage == "the part of returns on and by post?"


def test_that_what_is_clear_by_itself_starts_anew() -> None:
    text = "and can I pay it with Klarna?"
    shop = Canned({text: found("klarna", confidence=ANSWER_FROM), "x": found("costs")}, {text: found("costs")})
    [one] = understand(shop, text, "costs")
    assert (one.article_id, one.follows) == ("klarna", None)


def test_that_a_full_question_is_not_read_after_an_answer() -> None:
    text = "how do I change the delivery address of my order"
    shop = Canned({text: found("address", confidence=0.5), "x": found("costs")}, {text: found("costs")})
    assert understand(shop, text, "costs")[0].follows is None


def test_that_an_article_which_is_gone_is_no_answer_to_follow() -> None:
    shop = Canned({"and for Canada?": found("customs", confidence=0.3)})
    assert understand(shop, "and for Canada?", "deleted")[0].follows is None


def test_that_the_second_question_may_follow_the_first() -> None:
    first, second = "Do you ship to Canada?", "what does it cost there?"
    shop = Canned(
        {
            f"{first} {second}": found("canada", confidence=0.5),
            first: found("canada"),
            second: found("costs", confidence=0.4),
        },
        {second: found("costs")},
    )
    asked = understand(shop, f"{first} {second}")
    assert [(one.article_id, one.follows) for one in asked] == [("canada", None), ("costs", "canada")]


def test_that_no_part_is_repeated_of_an_answer_that_was_not_given() -> None:
    first, second = "My code fails at checkout.", "why does that happen?"
    unsure = {f"{first} {second}": found("codes", confidence=0.6), second: found("sizes", confidence=0.3)}
    [one] = understand(Canned({**unsure, first: found("codes")}, {second: found("codes")}), f"{first} {second}")
    assert (one.article_id, one.follows, one.passage) == ("codes", None, "")


def test_that_nothing_found_is_nothing_asked() -> None:
    [one] = understand(Canned({}), "?!")
    assert (one.article_id, one.sure) == (None, False)


def test_that_the_article_before_says_more_without_being_pointed_at() -> None:
    text = "how much do I get"
    shop = Canned({text: found("gifts", confidence=0.2), "refer": found("refer")}, same=frozenset({text}))
    [one] = understand(shop, text, "refer")
    assert (one.article_id, one.follows, one.sure) == ("refer", "refer", True)
    assert one.passage == f"the part of refer on {text}"
    assert articles(understand(shop, text)) == ["gifts"]


def test_that_a_remark_is_not_answered_from_the_article_before() -> None:
    remark = "she will certainly love the blue boots and wear these all winter long now"
    shop = Canned({remark: found("gifts", confidence=0.2), "refer": found("refer")}, same=frozenset({remark}))
    assert understand(shop, remark, "refer")[0].follows is None

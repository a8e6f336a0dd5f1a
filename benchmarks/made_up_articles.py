"""Made-up articles and questions in any number, from a fixed seed: what to do with a thing in a circumstance."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.articles import Article

SEED = 20261122
# What an article says how to do, and how a customer says it.
ACTIONS = {
    "return": "send back",
    "exchange": "swap",
    "repair": "have someone mend",
    "clean": "wash",
    "assemble": "put together",
    "cancel an order for": "call off my order of",
    "track a parcel with": "see where my parcel is with",
    "register the warranty of": "sign up the guarantee for",
    "reorder": "buy again",
    "gift-wrap": "get wrapping paper round",
    "store": "find winter storage for",
    "replace a part of": "get a spare part for",
    "rent": "borrow",
    "sell": "get money for",
    "charge": "power up",
    "adjust": "make a better fit of",
    "reserve": "put my name on",
    "pay in instalments for": "pay monthly for",
    "insure": "get cover for",
    "recycle": "throw away responsibly",
    "waterproof": "stop the rain getting into",
    "change the delivery date of": "get a later delivery of",
    "check the size of": "know what size to take of",
    "report damage to": "tell you about a broken",
}
THINGS = (
    *("tent", "rucksack", "sleeping bag", "head torch", "camping stove", "hiking boots", "rain jacket", "fleece"),
    *("climbing rope", "harness", "ice axe", "snowshoes", "skis", "sledge", "kayak", "paddle", "life jacket"),
    *("mountain bike", "helmet", "bike lock", "pannier", "child trailer", "running shoes", "running watch", "compass"),
    *("GPS receiver", "binoculars", "water filter", "flask", "cool box", "hammock", "folding chair", "camp bed"),
    *("air mattress", "pump", "awning", "tarpaulin", "fishing rod", "tackle box", "wellingtons", "gloves"),
    *("wetsuit", "sunglasses", "swimsuit", "beach shelter", "solar panel", "power bank", "multi-tool"),
)
CIRCUMSTANCES = (
    *("bought in a sale", "bought abroad", "received as a gift", "without a receipt", "after thirty days"),
    *("as a business customer", "with a student discount", "paid by invoice", "paid with a voucher"),
    *("delivered to a neighbour", "delivered to a locker", "collected in a shop", "from the outlet"),
    *("from another seller on our site", "in a remote village", "on an island", "before a bank holiday"),
    *("during a strike", "on the phone", "in the app", "as a guest without an account", "for a school class"),
    *("for a club", "while moving house", "with express delivery"),
)
SENTENCES = (
    "Open My account, choose the {thing} and follow the steps under {topic}.",
    "For a {thing} {circumstance} we need the order number and a photo of the {part}.",
    "It takes {days} working days and costs {price} unless the {part} was faulty.",
    "Keep the {part} dry and do not remove the label inside the {thing}.",
    "If the {part} is missing, ask the {team} before you {action} the {thing}.",
    "The {team} writes to you within {days} days and tells you what happens next.",
    "Members pay half, and nothing at all above an order value of {price}.",
    "A {thing} that is older than {days} months is looked at by the {team} first.",
    "Take the {thing} to any shop, or book a courier who brings a box for it.",
    "You may change your mind until the {team} has confirmed the {part}.",
)
PARTS = ("zip", "strap", "buckle", "battery", "frame", "sole", "seam", "cover", "cable", "valve", "lining", "handle")
TEAMS = ("workshop", "returns desk", "delivery office", "accounts team", "rental counter", "warranty team")
PHRASINGS = ("can I {plain} the {thing} {circumstance}", "{thing} {circumstance}: please help me {plain} it")
QUESTIONS = (
    "hi, it's about my {thing} {circumstance}. I'd like to {plain} it, what now?",
    "do you let people {plain} a {thing} {circumstance}",
    "{plain} a {thing}? {circumstance}, if that matters",
    "what does it cost to {plain} the {thing} I have, {circumstance}",
)


@dataclass(frozen=True)
class MadeUp:
    """`questions` are worded unlike any text of the articles."""

    articles: tuple[Article, ...]
    questions: tuple[str, ...]


def make_up(articles: int, questions: int) -> MadeUp:
    """Return articles with three or four texts each, half of them with a phrasing, views included."""
    rng = random.Random(SEED)
    chosen = rng.sample(list(itertools.product(ACTIONS, THINGS, CIRCUMSTANCES)), articles)
    made = tuple(_article(number, subject, rng) for number, subject in enumerate(chosen))
    return MadeUp(made, tuple(_question(rng.choice(chosen), rng) for _ in range(questions)))


def _article(number: int, subject: Sequence[str], rng: random.Random) -> Article:
    action, thing, circumstance = subject
    phrasings = (rng.choice(PHRASINGS).format(plain=ACTIONS[action], thing=thing, circumstance=circumstance),)
    return Article(
        id=f"made-up-{number}",
        question=f"How do I {action} the {thing} {circumstance}?",
        answer=_answer(action, thing, circumstance, rng),
        phrasings=phrasings if number % 2 else (),
    )


def _answer(action: str, thing: str, circumstance: str, rng: random.Random) -> str:
    words = {"action": action, "thing": thing, "circumstance": circumstance, "topic": f"{action} {circumstance}"}
    return " ".join(
        sentence.format(
            **words,
            part=rng.choice(PARTS),
            team=rng.choice(TEAMS),
            days=rng.randint(2, 40),
            price=f"£{rng.randint(2, 90)}",
        )
        for sentence in rng.sample(SENTENCES, rng.randint(2, 5))
    )


def _question(subject: Sequence[str], rng: random.Random) -> str:
    action, thing, circumstance = subject
    return rng.choice(QUESTIONS).format(plain=ACTIONS[action], thing=thing, circumstance=circumstance)

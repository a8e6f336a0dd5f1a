"""The JSON bodies of the article editor, validated on the way in."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from assistant.channels.schemas import Body
from knowledge_base.articles import Article
from knowledge_base.rendering import MAX_CHARACTERS

# More phrasings or tags are a mistake in pasting; the body limit of the gateway ends it all at 32 kB.
MAX_PHRASINGS = 200
MAX_TAGS = 30
# Characters of a question, phrasing, tag or address; longer ones are no question.
MAX_LINE_CHARACTERS = 500


def _is_text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("holds characters that are not valid Unicode") from error
    return value.replace("\0", "")


def _one_line(value: str) -> str:
    return " ".join(_is_text(value).split())


Line = Annotated[str, Field(max_length=MAX_LINE_CHARACTERS), AfterValidator(_one_line)]
Text = Annotated[str, Field(max_length=MAX_CHARACTERS), AfterValidator(_is_text)]


class ArticleBody(Body):
    """An article as it is edited; a draft may be incomplete."""

    question: Line = ""
    phrasings: list[Line] = Field(default_factory=list, max_length=MAX_PHRASINGS)
    answer: Text = ""
    tags: list[Line] = Field(default_factory=list, max_length=MAX_TAGS)
    human_only: bool = False
    url: Line | None = None

    def article(self, article_id: str, locale: str) -> Article:
        """The article with surrounding blanks and empty lines left out."""
        return Article(
            id=article_id,
            question=self.question,
            phrasings=tuple(text for text in self.phrasings if text),
            answer=self.answer.strip(),
            tags=tuple(tag for tag in self.tags if tag),
            human_only=self.human_only,
            locale=locale,
            url=self.url or None,
        )


class NewArticle(Body):
    question: Annotated[Line, Field(min_length=1)]


class FromReply(Body):
    conversation_id: str = Field(max_length=100)
    event_id: str = Field(max_length=100, description="Of an agent's message in it.")


class SaveDraft(Body):
    revision: int = Field(ge=0, description="The one that was read before editing.")
    article: ArticleBody


class Check(Body):
    article: ArticleBody


class Trial(Body):
    question: Annotated[Line, Field(min_length=1)]
    article: ArticleBody


class AtRevision(Body):
    revision: int = Field(ge=0)


class Restore(Body):
    revision: int = Field(ge=0)
    number: int = Field(ge=0, description="Of the history entry; 0 is the newest.")

"""What a customer and an agent see, named as they would name it."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Frame, FrameLocator, Locator, Page, expect

# The bot's answer on a busy two-core machine.
ANSWER_MS = 20_000


@dataclass
class ShopPage:
    page: Page
    chat: FrameLocator
    conversation_id: str = ""

    @classmethod
    def visit(cls, context: BrowserContext) -> ShopPage:
        page = context.new_page()
        page.goto("/")
        return cls(page, page.frame_locator("[data-testid=panel]"))

    def open_chat(self) -> None:
        with self.page.expect_response(lambda response: response.url.endswith("/v1/conversations")) as started:
            self.page.get_by_test_id("launcher").click()
        self.conversation_id = started.value.json()["conversation_id"]
        expect(self.said_by("bot")).to_have_count(1)

    def said_by(self, role: str) -> Locator:
        return self.chat.locator(f"[data-testid=message][data-role={role}]")

    def say(self, text: str) -> None:
        self.chat.get_by_test_id("composer").fill(text)
        self.chat.get_by_test_id("composer").press("Enter")

    def ask(self, text: str) -> Locator:
        """Say it and return the bot's next message."""
        before = self.said_by("bot").count()
        self.say(text)
        expect(self.said_by("bot")).to_have_count(before + 1, timeout=ANSWER_MS)
        return self.said_by("bot").last

    def frame(self) -> Frame:
        return next(frame for frame in self.page.frames if "/widget/" in frame.url)


@dataclass
class DeskPage:
    page: Page

    @classmethod
    def sign_in(cls, context: BrowserContext, username: str, password: str) -> DeskPage:
        page = context.new_page()
        page.goto("/desk")
        page.get_by_test_id("login-username").fill(username)
        page.get_by_test_id("login-password").fill(password)
        page.get_by_test_id("login-submit").click()
        expect(page.get_by_test_id("tab-waiting")).to_be_visible()
        return cls(page)

    def row(self, conversation_id: str) -> Locator:
        return self.page.locator(f"[data-testid=row][data-conversation-id='{conversation_id}']")

    def open(self, conversation_id: str) -> None:
        self.row(conversation_id).click()
        expect(self.page.get_by_test_id("why")).to_contain_text("Why you are here")

    def claim(self) -> None:
        self.page.get_by_test_id("claim").click()
        expect(self.page.get_by_test_id("resolve")).to_be_visible()

    def write(self, text: str, mode: str = "reply") -> None:
        self.page.get_by_test_id(f"mode-{mode}").click()
        self.page.get_by_test_id("composer").fill(text)
        self.page.get_by_test_id("composer").press("Enter")

    def said_by(self, role: str) -> Locator:
        return self.page.locator(f"[data-testid=message][data-role={role}]")

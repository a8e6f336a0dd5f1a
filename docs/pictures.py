"""Takes the pictures of the docs from the running product: `make pictures`.

Writes widget.png, shop.png and desk.png (light, twice the resolution). Without --url it starts a product of its
own with what `make build` built; with --url it uses one that runs, where the agent has been added
(`offramp agents add`) and nobody else waits, or they would be in the picture.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

import numpy as np  # noqa: E402
from chromium import launch  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, BrowserContext, FloatRect, expect, sync_playwright  # noqa: E402
from screens import DeskPage, ShopPage  # noqa: E402
from sklearn.cluster import KMeans  # noqa: E402
from stack import AGENT, PASSWORD, Customer, Stack  # noqa: E402

MAX_BYTES = 400_000
PALETTE = 256
OTHERS = (
    ("I think someone used my card on your site",),
    ("Do you sell snowboards?", "What about kayak paddles?"),
    ("This is the third parcel that got lost and nobody does anything. I'm furious.",),
)
QUESTIONS = (
    "The main zip on my jacket has come apart. Can it be fixed?",
    "It's from order TT-104233. Can I speak to someone? I need it by Friday.",
)
REPLY = "Hi, I'm Mara. Two years of warranty, so this one is on us. Could you hand it in at our Sheffield store today?"
THANKS = "Yes, I can be there at five. Thank you!"
WAITED = re.compile(r"0:[1-5]\d")


def main() -> None:
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    with product(options.url) as url, sync_playwright() as playwright:
        take(launch(playwright), url, options)
    pictures = [options.out / f"{name}.png" for name in ("widget", "shop", "desk")]
    for picture in pictures:
        shrink(picture)
    too_large = [picture.name for picture in pictures if picture.stat().st_size > MAX_BYTES]
    if too_large:
        sys.exit(f"Larger than {MAX_BYTES} bytes: {', '.join(too_large)}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a running product, such as http://127.0.0.1:8080")
    parser.add_argument("--agent", default=AGENT, help="who signs in at the desk")
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures")
    return parser.parse_args()


def shrink(path: Path) -> None:
    """256 colours, chosen so that neither large light areas nor small coloured ones change visibly."""
    pixels = np.asarray(Image.open(path).convert("RGB"))
    colours, index, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    if len(colours) > PALETTE:
        fitted = KMeans(PALETTE, n_init=1, random_state=0).fit(colours, sample_weight=np.sqrt(counts))
        index, colours = fitted.labels_[index], fitted.cluster_centers_.round()
    small = Image.fromarray(index.reshape(pixels.shape[:2]).astype(np.uint8), "P")
    small.putpalette(colours.astype(np.uint8).tobytes())
    small.save(path, optimize=True)


@contextmanager
def product(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory() as state_dir:
        stack = Stack(Path(state_dir)).start()
        try:
            stack.agent()
            yield stack.url
        finally:
            stack.stop()


def take(browser: Browser, url: str, options: argparse.Namespace) -> None:
    desk = DeskPage.sign_in(screen(browser, url, 1360, 900), options.agent, options.password)
    shop = ShopPage.visit(screen(browser, url, 1280, 800))
    shop.open_chat()
    shop.ask(QUESTIONS[0])
    shop.page.screenshot(path=options.out / "shop.png")

    shop.ask(QUESTIONS[1])
    for questions in OTHERS:
        other = Customer.start(url, channel="web")
        for question in questions:
            other.say(question)
    desk.open(shop.conversation_id)
    expect(desk.page.get_by_test_id("articles").get_by_role("button").first).to_be_visible()
    expect(desk.row(shop.conversation_id)).to_contain_text(WAITED, timeout=20_000)
    desk.page.mouse.move(640, 20)
    desk.page.screenshot(path=options.out / "desk.png")

    desk.claim()
    desk.write(REPLY)
    expect(shop.said_by("agent")).to_have_count(1)
    shop.say(THANKS)
    expect(desk.said_by("customer").last).to_contain_text(THANKS)
    others = shop.page.locator("body > :not(offramp-widget)")
    others.evaluate_all("nodes => nodes.forEach(node => { node.hidden = true })")
    panel = shop.page.get_by_test_id("panel").bounding_box()
    shop.page.screenshot(path=options.out / "widget.png", clip=around(panel))
    browser.close()


def around(panel: FloatRect | None) -> FloatRect:
    """The panel with its shadow and the launcher below."""
    assert panel
    return {"x": panel["x"] - 28, "y": panel["y"] - 28, "width": panel["width"] + 48, "height": panel["height"] + 120}


def screen(browser: Browser, url: str, width: int, height: int) -> BrowserContext:
    return browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        device_scale_factor=2,
        color_scheme="light",
        reduced_motion="reduce",
        locale="en-GB",
    )


if __name__ == "__main__":
    main()

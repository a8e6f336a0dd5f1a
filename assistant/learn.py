"""`offramp kb learn`: let the confidence learn from what customers made known about the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from assistant.commands import ask_redis, failed
from assistant.settings import Settings

if TYPE_CHECKING:
    from knowledge_base.learn import Lesson


def learn(
    days: Annotated[int, typer.Option(min=1, help="Look back this many days.")] = 30,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing, say what would be learned.")] = False,
) -> None:
    """Refit the confidence with thumbs, choices and complaints; a better one serves at once."""
    from assistant.encoder import Encoder, EncoderError
    from assistant.observe.outcomes import read_judgements
    from knowledge_base.learn import learn as learn_from
    from knowledge_base.snapshot import SnapshotError

    settings = Settings()
    judgements = ask_redis(settings, lambda url: read_judgements(url, days))
    try:
        encoder = Encoder(settings.state_dir / "encoder")
        with Console(stderr=True).status("Read") as status:
            lesson = learn_from(
                judgements, settings.state_dir / "kb", encoder, dry_run, lambda done: status.update(f"Ask {done:.0%}")
            )
    except (EncoderError, SnapshotError, OSError) as error:
        raise failed(str(error)) from error
    console = Console(highlight=False, soft_wrap=True)
    for line in lines(lesson, dry_run):
        console.print(escape(line))


def lines(lesson: Lesson, dry_run: bool) -> list[str]:
    """Return what was learned, for the operator."""
    from knowledge_base.recalibration import MIN_JUDGED, MIN_OF_A_KIND

    found = f"{lesson.judgements} questions judged, {lesson.used} of them about the article found first now."
    wrong = int((~lesson.kept.right).sum())
    kept = f"{len(lesson.kept.right)} kept in all: {len(lesson.kept.right) - wrong} right, {wrong} wrong."
    if lesson.comparison is None:
        needed = f"Too few to learn from: {MIN_JUDGED} are needed, {MIN_OF_A_KIND} of each kind."
        return [found, kept, needed, *_outcome(lesson, dry_run)]
    c = lesson.comparison
    return [
        found,
        kept,
        f"Answers among them: {c.answered_before}, {_percent(c.precision_before)} right; "
        f"with the refit {c.answered_after}, {_percent(c.precision_after)} right.",
        f"Calibration error {c.error_before:.3f}; with the refit {c.error_after:.3f}, on questions held out.",
        f"Log-loss saved: {c.gain:.4f} ± {c.gain_error:.4f}." + ("" if c.better else " Not clear enough: not used."),
        *_outcome(lesson, dry_run),
    ]


def _outcome(lesson: Lesson, dry_run: bool) -> list[str]:
    change = lesson.recalibration
    now = f"Learned: shift {change.shift:+.2f}, bend {change.bend:+.2f}, slope {change.slope:+.2f}."
    if dry_run:
        return [now, "Nothing was written."]
    return [now, f"{lesson.version} serves." if lesson.version else "The index that serves stays as it is."]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"

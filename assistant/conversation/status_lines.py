"""What customer and agent read when the owner changes. Pure: the same facts give the same line."""

from __future__ import annotations

from assistant.conversation.events import Author, Event, Kind, Role
from assistant.conversation.state import State

_ORDINALS = ("next", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
SYSTEM = Author(Role.SYSTEM)
CLOSED_FOR_ABUSE = (
    "This conversation is closed because it was not civil. "
    "Write again whenever you like; a person is still one tap away."
)
DELAYED = "This is taking longer than it should. Your message is safe, and I'm still on it."


def waiting_line(position: int, wait_seconds: float | None, anyone_there: bool) -> str:
    """`position`: 1 is next. Says nothing about the wait when it is not known."""
    if not anyone_there:
        return "Nobody is at the desk right now. Your message is safe; the reply will be here when you return."
    place = f"{_ORDINALS[position - 1]} in line" if position <= len(_ORDINALS) else f"number {position} in line"
    about = "" if wait_seconds is None else f", {duration(wait_seconds)}"
    return f"You're {place}{about}. You can leave; the reply will be here when you return."


def duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return "about a minute" if minutes == 1 else f"about {minutes} minutes"


def change_line(status: str, agent_name: str, team: str) -> str:
    """The line for a change of owner that is not about waiting."""
    lines = {
        "handoff_cancelled": "You're back with the automated assistant.",
        "agent_joined": f"{agent_name} from {team} has joined.",
        "agent_left": f"{agent_name} has left. You're first in line for the next person.",
        "returned_to_bot": f"{agent_name} has left. I'm the automated assistant again.",
        "resolved": f"{agent_name} has closed this conversation. Write again whenever you like.",
        "reopened": "Welcome back. You're with the automated assistant.",
    }
    return lines[status]


def status_event(status: str, text: str, state: State) -> Event:
    return Event(Kind.STATUS, SYSTEM, text=text, status=status, owner=state.owner.value)

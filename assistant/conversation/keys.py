"""Redis keys. Those of one conversation share a hash tag, so that what must be atomic stays in one slot."""

from __future__ import annotations

# Indexes: they may be behind, never the truth, and can be rebuilt from the conversations.
WORK = "offramp:work"  # conversation → when it last got work, ms
RECENT = "offramp:recent"  # conversation → when something was last accepted, ms
WAITING = "offramp:waiting"  # conversation → since when it waits for a human, s
CLAIMED = "offramp:claimed"  # conversation → since when a human has it, s
SLACK = "offramp:slack"  # conversations whose events go to Slack → last change, ms
WAKE_CHANNEL = "offramp:wake"
TYPING_CHANNEL = "offramp:typing"


def of(conversation_id: str, name: str) -> str:
    """`name`: log, state, seen, turns, lease, fence, attempts, slack; Rasa's tracker and slots."""
    return f"offramp:{{{conversation_id}}}:{name}"

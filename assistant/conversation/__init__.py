"""Conversations: the log that is the truth, the owner, and the turns of the bot."""

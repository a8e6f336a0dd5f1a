"""Slack: customers write in a direct message or by mention, answers come into the thread. See docs/slack.md."""

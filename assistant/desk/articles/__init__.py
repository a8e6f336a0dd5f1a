"""Editing articles in the desk: drafts, checks, trial, publishing, history. See docs/articles.md."""

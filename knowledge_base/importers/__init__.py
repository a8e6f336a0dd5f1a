"""Bring articles from elsewhere: one module a format, `formats.py` chooses, `plan.py` decides what to write."""

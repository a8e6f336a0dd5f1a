"""When to hand a conversation to a human: pure decisions, the same code in Rasa, `replay` and benchmarks.

Standard library and numpy only, so that it runs under Python 3.10 (Rasa) and 3.11+ alike.
"""

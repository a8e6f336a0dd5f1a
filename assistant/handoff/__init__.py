"""Handing a conversation to a human: the request with its bundle, the queue, and what agents do."""

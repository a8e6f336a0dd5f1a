"""Offramp: a customer support assistant with an exit to a human that is always open."""

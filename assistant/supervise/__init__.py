"""Starts the four processes, restarts what dies, stops all cleanly."""

"""Writes on what leaders are asked: ``sending`` and cancelling it, ``answering``; ``elapsing`` is what time does."""

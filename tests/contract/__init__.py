"""Replay what was recorded of the original (``tests/data/traces``) and compare every answer with it."""

"""Embedding into another Flask application."""


class NotReady(Exception):
    """The database or something else is not as it has to be; the log says what. Later it may be."""

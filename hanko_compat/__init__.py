"""Hanko's deprecated Public API, served again, on Hanko's own tables."""

__version__ = "0.1.0"

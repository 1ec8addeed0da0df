"""Queries of credentials and of the challenges of ceremonies."""

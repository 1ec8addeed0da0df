"""Queries of addresses."""

"""Signing keys: made, rotated, published, and kept in memory."""

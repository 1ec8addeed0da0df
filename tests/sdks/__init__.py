"""Corbado's own SDKs, as they are published, against a real server behind nginx with TLS."""

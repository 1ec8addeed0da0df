"""Mails: their texts, their two parts, and the server that takes them. Nothing of ours is imported here."""

"""E-mail addresses: how one is written, and those of a user."""

"""Passkeys: registration, login, credentials and their challenges, for browsers and for servers."""

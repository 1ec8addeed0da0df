"""Webhooks: endpoints, what is recorded for them, and how it is delivered."""

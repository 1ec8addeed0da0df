"""Deliveries after a commit, at least once: the queue and its threads for all channels; mails and SMS."""

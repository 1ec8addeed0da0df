"""Accounts at other providers, with which users sign up and log in."""

"""Hashes that other systems wrote, and what comes in with an import: a module for each family."""

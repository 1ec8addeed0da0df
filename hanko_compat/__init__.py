"""Hanko's deprecated Public API, served again, beside the Corbado Backend API v2 on the same users."""

__version__ = "0.1.0"

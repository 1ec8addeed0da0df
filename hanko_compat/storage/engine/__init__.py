"""Connections, transactions, dialects, statements and pages. It knows no table."""

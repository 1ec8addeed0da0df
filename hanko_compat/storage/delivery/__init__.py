"""Queries of deliveries: what waits, in which order, and what was given up."""

"""Queries of webhook endpoints and deliveries."""

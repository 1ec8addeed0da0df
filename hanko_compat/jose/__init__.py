"""Tokens and keys (JOSE): the one place that calls PyJWT. Knows neither the database nor HTTP."""

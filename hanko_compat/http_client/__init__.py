"""Requests to other servers, within bounds: of time, of length, and of addresses that are connected to."""

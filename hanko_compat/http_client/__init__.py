"""Requests that this server makes to others: to what a configuration or a customer's server names."""

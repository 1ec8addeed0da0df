"""Numbers for Prometheus: counted in the processes that serve, published by one of its own."""

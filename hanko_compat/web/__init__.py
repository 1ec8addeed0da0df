"""What both doors share of HTTP: bodies, origins, addresses, request ids, access log."""

"""How a log-in ends, whatever the method."""

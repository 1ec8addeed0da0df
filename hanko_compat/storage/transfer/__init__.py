"""Users on their way in and out: rows in bulk."""

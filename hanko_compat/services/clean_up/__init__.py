"""Clean-up: rows past their time are deleted, by a schedule that one process of all keeps at a time."""

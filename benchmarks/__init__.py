"""How fast the server is, beside the original's figures and beside what a Python team would pick instead."""

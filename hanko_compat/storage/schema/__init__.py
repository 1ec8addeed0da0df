"""Which tables a database has, whose they are, what the account may do with them; migrations."""

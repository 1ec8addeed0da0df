"""What a user may see of itself: names, addresses, passkeys, accounts at providers."""

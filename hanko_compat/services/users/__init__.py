"""Users: sign-up, look-up, profile, deletion, and what servers manage of them."""

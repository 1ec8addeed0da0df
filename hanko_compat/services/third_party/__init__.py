"""Log-in with other providers: from the button to the one-time token."""

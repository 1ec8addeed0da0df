"""Users on their way in and out: Hanko's import format, extended so that nothing of a user is lost."""

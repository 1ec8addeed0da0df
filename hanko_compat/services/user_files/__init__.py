"""Files of users, whether they are imported as they are, or converted before."""

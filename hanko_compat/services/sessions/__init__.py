"""Sessions: started, checked, ended, listed; and the tokens that name them."""

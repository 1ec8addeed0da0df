"""On the databases that Hanko wrote: instead of 2.7, and beside 3.

``test_tour.py`` is the place to begin: what an operator does, and then every user logs in.
"""

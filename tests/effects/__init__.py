"""What each key of the configuration does at the public door, side by side with the original.

``tests/data/config-effects.tsv`` has a row for each key, value and request that was tried on a running
Hanko 2.7.0. Each row is shown by a test, which names it with `rows.shows`, or is a difference that is kept on
purpose: then the test says what is done here, and names the place in ``docs/differences.md`` with
`rows.differs`. What tests of other packages show is listed in ``elsewhere``.
``test_completeness`` fails for any other row.

There is a module for each section of the configuration. Keys that change nothing are in
``test_without_effect``: it sends a request to every endpoint (``probe``), with the key and without, and
compares all that comes back.
"""

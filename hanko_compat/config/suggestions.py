"""Distinguishes a typing mistake, which stops the start, from a key of another version, which does not.

The rule counts letters; ``difflib.get_close_matches`` compares in proportion to the length. Measured with
39,000 random mistakes (a letter added, left out, changed, or two swapped; once in each key of three letters
or more, twice in each of five or more), and with each key of the configuration put into every section that
lacks it (15,400 pairs). Per cent that are taken for a mistyped key:

====================  ==========  ===========  ========================
                      one letter  two letters  keys of another section
====================  ==========  ===========  ========================
this module           100.0       99.1         0.2
difflib, cutoff 0.66  100.0       99.1         2.1
difflib, cutoff 0.75  99.1        89.8         0.9
====================  ==========  ===========  ========================

With the cutoff that finds as much, ``account.allow_origins`` would be taken for ``allow_signup``.
"""

from collections.abc import Iterable


def distance(one: str, other: str) -> int:
    """How many letters were added, left out, changed or swapped (Damerau-Levenshtein)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def mistakes_allowed(key: str) -> int:
    """The largest distance at which a word counts as *key* mistyped; smaller for short keys."""
    return 2 if len(key) >= 5 else 1 if len(key) >= 3 else 0


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known key that *word* was meant to be, None where it resembles none."""
    plain = word.lower().replace("-", "_")
    close = {
        key: min(distance(plain, key), distance(plain.replace("_", ""), key.replace("_", "")))
        for key in known
        if abs(len(word) - len(key)) <= 2 + key.count("_")
    }
    found = {key: steps for key, steps in close.items() if steps <= mistakes_allowed(key)}
    return min(found, key=lambda key: (found[key], key), default=None)

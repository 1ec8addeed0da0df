"""Headers that come in several lines, as a request may have them (RFC 9110 s. 5.3).

WSGI has room for one value of each name (PEP 3333), so gunicorn joins lines with a comma. That is right for
lists, but makes one cookie of two, and no bearer token of two. So these are joined here before gunicorn does,
for them to count as in Hanko 2.7.0.
"""

from collections.abc import Sequence

COOKIES = "; "  # RFC 6265 s. 5.4, RFC 9113 s. 8.2.3
LINE_END = "\n"
"""What stands between the lines of ``Authorization``: none has it inside, so they can be told apart again."""

SEPARATORS = {"COOKIE": COOKIES, "AUTHORIZATION": LINE_END}
FIRST_COUNTS = frozenset(
    {
        "ACCEPT-LANGUAGE",
        "ACCESS-CONTROL-REQUEST-HEADERS",
        "ACCESS-CONTROL-REQUEST-METHOD",
        "ORIGIN",
        "USER-AGENT",
        "X-LANGUAGE",
        "X-REQUEST-ID",
    }
)
"""What has one value: a second line is not looked at."""

Header = tuple[str, str]
"""The name in upper case, and the value."""


def join(headers: Sequence[Header]) -> list[Header]:
    """*headers* with one line for each name that is listed above; lines of other names stay as they are."""
    if len({name for name, _ in headers}) == len(headers):
        return list(headers)
    joined: list[Header] = []
    places: dict[str, int] = {}
    for name, value in headers:
        is_known = name in SEPARATORS or name in FIRST_COUNTS
        if not is_known or name not in places:
            places[name] = len(joined)
            joined.append((name, value))
        elif name in SEPARATORS:
            place = places[name]
            joined[place] = (name, joined[place][1] + SEPARATORS[name] + value)
    return joined

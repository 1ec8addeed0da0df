"""Accounts at identity providers: what a provider is called there, and here.

Only those that name a user alike for every application, or all of one developer's, are carried over unasked.
Microsoft names a user anew for each application (``sub`` of its ID tokens is pairwise).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from hanko_compat.errors.convert import ConversionRefused
from hanko_compat.oauth.built_in import BUILT_IN

CUSTOM = re.compile(r"custom_[\w.-]{1,200}")
SAME_EVERYWHERE: Mapping[str, str] = MappingProxyType(
    {name: name for name in ("apple", "discord", "facebook", "github", "google")}
)


def read_providers(texts: tuple[str, ...]) -> dict[str, str]:
    """Read ``theirs=ours``; ours is a provider that is built in, or a custom one.

    Raises:
        ConversionRefused: none of that form, or there is no such provider here.
    """
    providers = {}
    for text in texts:
        theirs, sign, ours = text.rpartition("=")
        if not sign or not theirs:
            raise ConversionRefused(
                f"{text[:80]!a} is not of the form THEIRS=OURS, such as corp-oidc=custom_corp"
            )
        if ours not in BUILT_IN and not CUSTOM.fullmatch(ours):
            known = ", ".join(sorted(BUILT_IN))
            raise ConversionRefused(f"there is no provider {ours[:80]!a} here: take {known}, or custom_NAME")
        providers[theirs] = ours
    return providers

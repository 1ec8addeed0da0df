"""The test vectors of Web Authentication Level 3, section "Test Vectors"."""

import json
from pathlib import Path
from typing import Any

from hanko_compat.webauthn.relying_party import RelyingParty

_CONTENT = json.loads((Path(__file__).parents[1] / "data" / "webauthn-test-vectors.json").read_text())
VECTORS: dict[str, dict[str, Any]] = {vector["name"]: vector for vector in _CONTENT["vectors"]}
RP = RelyingParty(_CONTENT["rp_id"], "Vectors", frozenset({_CONTENT["origin"], _CONTENT["top_origin"]}))

# Whose statement is not checked, as the library does not know the format: stored as it is.
UNCHECKED = {"android-key-es256"}
# The vector's TPM structures are random bytes where TPM 2.0 has flags, so the library can't parse them.
REFUSED = {"tpm-es256"}
ACCEPTED = sorted(VECTORS.keys() - REFUSED)


def member(vector: dict[str, Any], ceremony: str, name: str) -> bytes:
    """A member of one ceremony of a vector."""
    return bytes.fromhex(vector[ceremony][name])

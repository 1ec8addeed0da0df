"""Keys that other versions of Hanko and its own deployment files have, and Hanko 2.7 does not read.

Some are one letter away from a key of today, so they would be taken for a typing mistake.
"""

import re
from collections.abc import Mapping

from hanko_compat.config.problems import Path
from hanko_compat.errors.config import Problem

SENDER = "use email_delivery.from_address and email_delivery.from_name."
SMTP = "use email_delivery.smtp."
ALWAYS = "remove it, as answers to the origins in server.public.cors.allow_origins always have these headers."
CLAIMS = "no version 2 has such claims: remove it."

# Pattern of a key -> what to do about it. ``*`` stands for a name or an index.
FORMER = {
    "passcode.email": SENDER,
    "passcode.smtp": SMTP,
    "email.from_address": SENDER,
    "email.from_name": SENDER,
    "email_delivery.email": SENDER,
    "webauthn.relying_party.origin": "use webauthn.relying_party.origins, a list.",
    "webauthn.attestation_preference": "use passkey.attestation_preference.",
    "server.public.cors.enabled": ALWAYS,
    "server.public.cors.allow_credentials": ALWAYS,
    "server.public.cors.allow_headers": ALWAYS,
    "server.public.cors.allow_methods": ALWAYS,
    "server.public.cors.expose_headers": ALWAYS,
    "server.public.cors.max_age": ALWAYS,
    "saml.identity_providers.*.attribute_map.update_at": "use updated_at.",
    "saml.identity_providers.*.attribute_map.custom": CLAIMS,
    "third_party.custom_providers.*.custom_claim_mapping": CLAIMS,
    "third_party.generic_oidc_providers": "use third_party.custom_providers.",
    "third_party.providers.gitlab": "use third_party.custom_providers.",  # two letters away from github
    "custom_claims": CLAIMS,
}
_PATTERNS = {re.compile(re.escape(key).replace(r"\*", r"[^.]+")): advice for key, advice in FORMER.items()}
# The variables of those that stand at one place, and of what is below them.
_VARIABLES = {
    key.replace(".", "_").upper(): (key, advice) for key, advice in FORMER.items() if "*" not in key
}


def advice_on(path: Path) -> str | None:
    """What to do about a key that no longer is one, or is not yet; None for any other."""
    key = ".".join(map(str, path))
    advice = next((advice for pattern, advice in _PATTERNS.items() if pattern.fullmatch(key)), None)
    return advice and f"A key of another version of Hanko, it does nothing: {advice}"


def warnings(environ: Mapping[str, str]) -> list[Problem]:
    """The same about variables of the environment."""
    found = []
    for variable, (key, advice) in _VARIABLES.items():
        for name in environ:
            if environ[name] and (name == variable or name.startswith(f"{variable}_")):
                text = f"The variable of {key}, a key of another version of Hanko, does nothing: {advice}"
                found.append(Problem(name, text))
    return found

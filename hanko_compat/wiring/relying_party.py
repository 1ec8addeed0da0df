"""The relying party of WebAuthn, by ``webauthn.*`` and ``passkey.*``."""

from hanko_compat.config import Config
from hanko_compat.config.origins import as_browsers_write, is_origin_of_a_client, origin_of
from hanko_compat.services.passkeys.ceremonies import Operation, Terms
from hanko_compat.webauthn.relying_party import RelyingParty


def relying_party(config: Config) -> RelyingParty:
    """For whom passkeys are made, and the origins that may use them; with ``--dev`` the server's own, too."""
    party, own = config.webauthn.relying_party, config.hanko_compat
    origins = {origin for origin in map(as_browsers_write, party.origins) if is_origin_of_a_client(origin)}
    origins.update(own.webauthn.associations.related_origins)
    if config.dev and own.public_url:
        origins.add(origin_of(own.public_url))
    return RelyingParty(id=party.id, name=party.display_name, origins=frozenset(origins))


def ceremony_terms(config: Config) -> dict[Operation, Terms]:
    """How long a ceremony may take and what it demands, by ``webauthn.timeouts`` and ``passkey.*``."""
    timeouts, verification = config.webauthn.timeouts, config.passkey.user_verification
    return {
        Operation.REGISTRATION: Terms(timeouts.registration, verification),
        Operation.AUTHENTICATION: Terms(timeouts.login, verification),
    }

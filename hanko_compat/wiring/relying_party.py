"""The relying party of WebAuthn, by ``webauthn.*`` and ``passkey.*``."""

from hanko_compat.config import Config
from hanko_compat.config.origins import as_browsers_write, is_origin_of_a_client, origin_of
from hanko_compat.services.passkeys.ceremonies import Operation, Terms
from hanko_compat.webauthn.options import REQUIRED
from hanko_compat.webauthn.relying_party import RelyingParty

DISCOURAGED = "discouraged"
# Milliseconds, as the library has them that the original uses.
WITHOUT_VERIFICATION = 120_000
NOT_CONFIGURED = 300_000


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
    timeouts, verification = _timeouts(config), config.passkey.user_verification
    if verification == DISCOURAGED:
        # As Hanko 2.7.0: these ceremonies have a time of their own, whatever is configured.
        timeouts = dict.fromkeys(timeouts, WITHOUT_VERIFICATION)
    return {operation: Terms(timeout, verification) for operation, timeout in timeouts.items()}


def server_ceremony_terms(config: Config) -> dict[Operation, Terms]:
    """The same at the backend door, where users are always verified."""
    return {operation: Terms(timeout, REQUIRED) for operation, timeout in _timeouts(config).items()}


def _timeouts(config: Config) -> dict[Operation, int]:
    timeouts = config.webauthn.timeouts
    return {
        Operation.REGISTRATION: timeouts.registration or NOT_CONFIGURED,
        Operation.AUTHENTICATION: timeouts.login or NOT_CONFIGURED,
    }

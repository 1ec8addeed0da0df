"""What ceremonies answer beside options and passkeys: reasons, which never are more than these."""

from dataclasses import dataclass, field

from hanko_compat.services.passkeys.server_registration import RegistrationOffer

NO_PLATFORM, NO_PASSKEYS = "env-no-platform-pk-support", "user-no-pks"
MORE_PASSKEYS, HAS_PASSKEYS = "user-positive-env-history", "user-platform-pk-high-confidence"

DELETED = {
    "passkeyData": {
        "id": "",
        "userID": "",
        "username": "",
        "ceremonyType": "local",
        "challengeID": "",
        "aaguidDetails": {"aaguid": "", "name": "", "iconLight": "", "iconDark": ""},
    },
    "error": {"type": "credentialDeleted"},
}
"""The answer to a passkey that an authenticator has kept, and this server has not."""


@dataclass(frozen=True, slots=True)
class History:
    """How often a user was asked before."""

    default_count: int = 0
    after_error_count: int = 0
    after_hybrid_count: int = 0
    auto_count: int = 0
    default_cooldown: bool = False
    after_error_cooldown: bool = False
    after_hybrid_cooldown: bool = False
    auto_cooldown: bool = False


@dataclass(frozen=True, slots=True)
class Detection:
    """What is known of a browser."""

    tags: tuple[str, ...] = ()
    credential_ids: tuple[str, ...] = ()
    client_env_ids: tuple[str, ...] = ()
    is_cda_candidate: bool = False
    password_manager_ids: tuple[str, ...] = ()
    history: History = field(default_factory=History)


@dataclass(frozen=True, slots=True)
class AppendDecision:
    """Why a passkey is offered, or not."""

    tag: str
    is_restricted_browser: bool = False
    variant: str = "default"
    auto: bool = False


@dataclass(frozen=True, slots=True)
class LogInDecision:
    """Why a log-in with a passkey is offered, or not."""

    tag: str
    is_cda_candidate: bool = False
    experiments: tuple[str, ...] = ()
    prefers_immediate: bool | None = None


@dataclass(frozen=True, slots=True)
class StartAnswer:
    """Options, "" where there are none, and why."""

    options: str
    decision: AppendDecision | LogInDecision | None = None
    detection: Detection = field(default_factory=Detection)

    @property
    def is_allowed(self) -> bool:
        """Whether the browser may go on."""
        return self.options != ""


def append_answer(offer: RegistrationOffer) -> StartAnswer:
    """Answer whether a passkey can be made."""
    known = MORE_PASSKEYS if offer.has_passkeys else NO_PASSKEYS
    return StartAnswer(offer.options, AppendDecision(known if offer.options else NO_PLATFORM))


def log_in_answer(options: str) -> StartAnswer:
    """Answer whether the user can log in with a passkey."""
    return StartAnswer(options, LogInDecision(HAS_PASSKEYS if options else NO_PASSKEYS))

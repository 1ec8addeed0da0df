"""Keys under the names that they have in older and newer versions of Hanko."""

from hanko_compat.config.draft import Draft
from hanko_compat.config.problems import Path
from hanko_compat.errors.config import Problem

SERVER_SIDE = "session.server_side.limit"
# As Hanko 2.7.0: 0, the default of these, stands for "not set".
UNSET_WHEN_ZERO = {SERVER_SIDE, "password.min_password_length"}
# Deprecated key -> the keys that it sets when ``convert_legacy_config`` is true.
ALIASES: dict[str, tuple[str, ...]] = {
    "emails.max_num_of_addresses": ("email.limit",),
    "emails.require_verification": ("email.require_verification",),
    "passcode.ttl": ("email.passcode_ttl",),
    "password.min_password_length": ("password.min_length",),
    "smtp.host": ("email_delivery.smtp.host",),
    "smtp.password": ("email_delivery.smtp.password",),
    "smtp.port": ("email_delivery.smtp.port",),
    "smtp.user": ("email_delivery.smtp.user",),
    "webauthn.timeout": ("webauthn.timeouts.login", "webauthn.timeouts.registration"),
    "webauthn.user_verification": ("passkey.user_verification",),
    SERVER_SIDE: ("session.limit",),
}
# Key of Hanko 3 -> the same key of Hanko 2.7, which wins where both are given.
MOVED = {
    "secret_keys": "secrets.keys",
    "cors.allow_origins": "server.public.cors.allow_origins",
    "cors.unsafe_wildcard_origin_allowed": "server.public.cors.unsafe_wildcard_origin_allowed",
}


def convert(draft: Draft) -> None:
    """Move what stands under another version's key to where this server reads it."""
    general = draft.get(("convert_legacy_config",)) is True
    server_side = draft.get(("convert_legacy_server_side_session_config",)) is not False
    for old, targets in ALIASES.items():
        _convert_alias(draft, old, targets, wanted=server_side if old == SERVER_SIDE else general)
    for there, here in MOVED.items():
        value = draft.get(_path(there))
        if value is None:
            continue
        if draft.get(_path(here)) is None:
            _move(draft, there, (here,))
        else:
            draft.warnings.append(Problem(there, f"Does nothing, because {here} is given."))


def _convert_alias(draft: Draft, old: str, targets: tuple[str, ...], *, wanted: bool) -> None:
    value = draft.get(_path(old))
    if value is None or (value == 0 and old in UNSET_WHEN_ZERO):
        return
    if not wanted:
        switch = (
            "convert_legacy_server_side_session_config" if old == SERVER_SIDE else "convert_legacy_config"
        )
        advice = f"Deprecated, it does nothing: use {' and '.join(targets)} (or set {switch}: true)."
        draft.warnings.append(Problem(old, advice))
    else:
        clash = [target for target in targets if draft.get(_path(target)) not in (None, value)]
        if clash:
            draft.warnings.append(Problem(old, f"Deprecated, it overrides {' and '.join(clash)}."))
        _move(draft, old, targets)


def _move(draft: Draft, old: str, targets: tuple[str, ...]) -> None:
    value = draft.get(_path(old))
    draft.drop(_path(old))
    for target in targets:
        draft.put(_path(target), value)
        draft.moved[_path(target)] = _path(old)


def _path(key: str) -> Path:
    return tuple(key.split("."))

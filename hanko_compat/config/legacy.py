"""Keys under the names that they have in older and newer versions of Hanko."""

from hanko_compat.config.draft import Draft
from hanko_compat.config.problems import Path
from hanko_compat.config.settings import leaves
from hanko_compat.errors.config import Problem

GENERAL, SERVER_SIDE = "convert_legacy_config", "convert_legacy_server_side_session_config"
SERVER_SIDE_LIMIT, SERVER_SIDE_SWITCH = "session.server_side.limit", "session.server_side.enabled"
# Deprecated key -> the keys that it sets when ``convert_legacy_config`` is true.
GENERAL_ALIASES: dict[str, tuple[str, ...]] = {
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
}
# The same for ``convert_legacy_server_side_session_config``.
SERVER_SIDE_ALIASES: dict[str, tuple[str, ...]] = {
    SERVER_SIDE_SWITCH: ("session.acquire_ip_address", "session.acquire_user_agent"),
    SERVER_SIDE_LIMIT: ("session.limit",),
}
ALIASES = GENERAL_ALIASES | SERVER_SIDE_ALIASES
# Key of Hanko 3 -> the same key of Hanko 2.7, which wins where both are given.
MOVED = {
    "secret_keys": "secrets.keys",
    "cors.allow_origins": "server.public.cors.allow_origins",
    "cors.unsafe_wildcard_origin_allowed": "server.public.cors.unsafe_wildcard_origin_allowed",
}


def convert(draft: Draft, cls: type) -> None:
    """Move what stands under another version's key to where this server reads it.

    *cls* is the section of the whole file, which has the defaults.
    """
    if draft.get((GENERAL,)) is True:
        defaults: dict[Path, object] = {leaf.path: leaf.kind.write(leaf.default) for leaf in leaves(cls)}
        for old, targets in GENERAL_ALIASES.items():
            _replace(draft, old, targets, defaults)
    else:
        for old, targets in GENERAL_ALIASES.items():
            _warn_of_unused(draft, old, targets, GENERAL)
            # Kubernetes sets SMTP_PORT to a URL where a service is called "smtp"; Hanko takes any text.
            if old == "smtp.port" and "://" in str(draft.get(_path(old))):
                draft.drop(_path(old))
    _convert_server_side(draft)
    for there, here in MOVED.items():
        value = draft.get(_path(there))
        if value is None:
            continue
        if draft.get(_path(here)) is None:
            _move(draft, there, (here,))
        else:
            draft.warnings.append(Problem(there, f"Does nothing, because {here} is given."))


def _replace(draft: Draft, old: str, targets: tuple[str, ...], defaults: dict[Path, object]) -> None:
    """Let a deprecated key replace the ones that succeeded it, given or not."""
    value = draft.get(_path(old))
    if value is not None:
        _move_over(draft, old, targets)
        return
    # As Hanko 2.7.0: one that is not given replaces them by its default, a minimum of 0 characters for one.
    default = defaults[_path(old)]
    for target in targets:
        is_given = draft.get(_path(target)) not in (None, default)
        if is_given or default != defaults[_path(target)]:
            what = f"{default} instead of what is given here" if is_given else str(default)
            text = f"With {GENERAL} this is {what}: give {old}, or remove {GENERAL}."
            draft.warnings.append(Problem(target, text))
        draft.drop(_path(target))
        if default != defaults[_path(target)]:
            draft.put(_path(target), default)


def _convert_server_side(draft: Draft) -> None:
    """Let the deprecated section of sessions in the database, which all of them are now, set what is left."""
    limit = draft.get(_path(SERVER_SIDE_LIMIT))
    if draft.get((SERVER_SIDE,)) is False:
        for old, targets in SERVER_SIDE_ALIASES.items():
            _warn_of_unused(draft, old, targets, SERVER_SIDE)
    elif draft.get(_path(SERVER_SIDE_SWITCH)) is True:
        for target in SERVER_SIDE_ALIASES[SERVER_SIDE_SWITCH]:
            draft.put(_path(target), True)
        # Unlike Hanko 2.7.0: 0, the default, does not replace a limit.
        if limit:
            _move_over(draft, SERVER_SIDE_LIMIT, SERVER_SIDE_ALIASES[SERVER_SIDE_LIMIT])
        else:
            text = "Deprecated, and no limit to a user's sessions: set session.limit, and leave it out."
            draft.warnings.append(Problem(SERVER_SIDE_LIMIT, text))
    elif limit:
        text = f"Deprecated, it does nothing without {SERVER_SIDE_SWITCH}: use session.limit."
        draft.warnings.append(Problem(SERVER_SIDE_LIMIT, text))


def _warn_of_unused(draft: Draft, old: str, targets: tuple[str, ...], switch: str) -> None:
    is_off = old == SERVER_SIDE_SWITCH and draft.get(_path(old)) is False
    if draft.get(_path(old)) is not None and not is_off:
        advice = f"Deprecated, it does nothing: use {' and '.join(targets)} (or set {switch}: true)."
        draft.warnings.append(Problem(old, advice))


def _move_over(draft: Draft, old: str, targets: tuple[str, ...]) -> None:
    """Move a deprecated key, and say what is lost by that."""
    value = draft.get(_path(old))
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

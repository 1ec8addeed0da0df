"""Scenarios that need endpoints of later work. The list only shrinks; each entry names what it waits for.

It is strict in both directions: a scenario that passes must leave it, and one that waits must be on it.
Steps of endpoints that are served are compared in every scenario, listed or not.
"""

from typing import Any

# First segments of paths that nobody serves yet, and what will bring them.
PATHS = {
    "passcode": "passcodes",
    "password": "passwords",
    "emails": "addresses",
    "token": "one-time tokens",
    "thirdparty": "third-party log-in",
    "saml": "SAML",
}

SCENARIOS = {
    "cookie/logout_cookie_variant": "passcodes",
    "cookie/passcode_login": "passcodes",
    "cookie/password_set_and_login": "passwords",
    "cookie_lax/passcode_login": "passcodes",
    "default/emails_add_errors": "addresses",
    "default/emails_default_limit": "addresses",
    "default/emails_happy_path": "passcodes, addresses",
    "default/emails_ids": "addresses",
    "default/emails_without_session": "addresses",
    "default/keys_and_tokens": "passcodes",
    "default/passcode_finalize_bodies": "passcodes",
    "default/passcode_foreign_email": "passcodes",
    "default/passcode_initialize_bodies": "passcodes",
    "default/passcode_languages": "passcodes",
    "default/passcode_login": "passcodes",
    "default/passcode_reuse": "passcodes",
    "default/passcode_three_wrong_codes": "passcodes",
    "default/passcode_wrong_code": "passcodes",
    "default/password_login_errors": "passwords",
    "default/password_set_and_login": "passwords",
    "default/password_set_errors": "passwords",
    "default/profile_with_everything": "passcodes, passwords, addresses",
    "default/sdk_session": "passcodes, passwords, addresses",
    "default/session_limit": "passwords",
    "default/signup_and_verify": "passcodes",
    "default/signup_case": "passcodes, addresses",
    "default/signup_email_id_cookie": "passcodes",
    "default/thirdparty_not_configured": "third-party log-in",
    "default/token_endpoint": "one-time tokens",
    "header_token/cors_exposes_auth_token": "passcodes",
    "header_token/passcode_login": "passcodes",
    "header_token/password_set_and_login": "passwords",
    "header_token/sdk_session": "passcodes, passwords, addresses",
    "keys_rotated/keys_after_rotation": "passcodes",
    "noverify/emails_without_verification": "addresses",
    "noverify/login_without_verification": "passcodes, addresses",
    "passwords/emails_limit": "addresses",
    "passwords/password_min_length": "passwords",
    "ratelimit/ratelimit_passcode": "passcodes",
    "ratelimit/ratelimit_password": "passwords",
    "saml/saml_auth": "SAML",
    "saml/saml_callback_errors": "SAML",
    "saml/saml_metadata": "SAML",
    "saml/saml_provider": "SAML",
    "saml/saml_signup_and_signin": "SAML",
    "short/passcode_expired": "passcodes",
    "thirdparty/thirdparty_auth_errors": "third-party log-in",
    "thirdparty/thirdparty_auth_redirects": "third-party log-in",
    "thirdparty/thirdparty_callback_errors": "third-party log-in",
    "thirdparty/thirdparty_linking": "addresses, third-party log-in",
    "thirdparty/thirdparty_signup_and_signin": "third-party log-in",
    "thirdparty/thirdparty_token_reuse": "",
    "thirdparty/thirdparty_unverified_email": "third-party log-in",
    "thirdparty_nosignup/thirdparty_signup_disabled": "third-party log-in",
    "webhooks/webhooks_of_a_life": "passcodes, passwords, addresses, webhooks",
    "webhooks_nomail/webhooks_instead_of_mail": "passcodes, webhooks",
}


def owner(request: dict[str, Any]) -> str:
    """What will serve the recorded *request*; "" when it is served."""
    return PATHS.get(request["path"].partition("?")[0].split("/")[1], "")


def is_later(request: dict[str, Any]) -> bool:
    """Whether nobody serves the recorded *request* yet. Preflights are answered for any path."""
    return bool(owner(request)) and request["method"] != "OPTIONS"


def only_reads(request: dict[str, Any]) -> bool:
    """Whether the recorded *request* of later work changes nothing that another step could show."""
    return request["method"] == "GET" and "/callback" not in request["path"]

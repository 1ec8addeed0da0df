"""Who logs in at the provider in each scenario, and what it says of them."""

from typing import Any

ALICE = {
    "name": "Alice Example",
    "given_name": "Alice",
    "family_name": "Example",
    "picture": "https://example.test/alice.png",
}
# By scenario, and by the step as far as its colon. Whoever is not named has a verified address, and no name.
TOLD: dict[tuple[str, str], dict[str, Any]] = {
    ("thirdparty_signup_and_signin", "first"): ALICE,
    ("thirdparty_signup_and_signin", "second"): ALICE,
    ("thirdparty_linking", "linking"): {"name": "Alice"},
    ("thirdparty_unverified_email", "unverified"): {"email_verified": False},
    ("thirdparty_unverified_email", "not said"): {"email_verified": None},
}
BOBS = {("thirdparty_linking", "no linking"), ("thirdparty_unverified_email", "not said")}


def claims(scenario: str, label: str, run: str) -> dict[str, Any]:
    """Who logs in at the step *label* of a *scenario*, and what is said of them."""
    who = "bob" if (scenario, label) in BOBS else "alice"
    told = {
        "sub": f"{who}-{run}",
        "email": f"{who}.{run}@example.test",
        "email_verified": True,
        **TOLD.get((scenario, label), {}),
    }
    return {name: value for name, value in told.items() if value is not None}

"""The house keeps its shape: imports point one way, each library has one place, each module has its tests."""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from scripts.draw_architecture import FILES, every_import, name_of, tree

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "hanko_compat"
MODULES = list(FILES.values())

# What anybody may import, and which imports nothing of ours but each other.
BASE = {
    "base64url",
    "batches",
    "casefold",
    "client",
    "clock",
    "config",
    "cpus",
    "errors",
    "listening",
    "provider_user",
    "public_ids",
    "random_secrets",
    "rfc3339",
    "secret_file",
    "special_purpose",
    "storable_text",
    "timed_cache",
    "unfinished_files",
    "uuid_text",
}
# Each room of the house, and the rooms it may look into.
ARROWS = {
    "__main__": {"cli"},
    "app": {"backend", "context", "public", "web", "wiring"},
    # web: start-up lines and doctor tell whose address counts as the caller's.
    # jose: config check and doctor read the claim templates.
    "cli": {"app", "jose", "logs", "metrics", "services", "storage", "web", "wiring"},
    "public": {"context", "services", "web"},
    "backend": {"context", "services", "web"},
    "context": {"wiring"},
    # services: the quota that an answer announces.
    "web": {"logs", "metrics", "services"},
    "wiring": {
        "hashing",
        "http_client",
        "mail",
        "metrics",
        "oauth",
        "saml",
        "services",
        "storage",
        "webauthn",
    },
    "services": {"hashing", "jose", "mail", "http_client", "oauth", "saml", "storage", "webauthn"},
    "storage": set(),
    "hashing": set(),
    "jose": {"go_template"},
    "mail": set(),
    "webauthn": set(),
    "logs": set(),
    "metrics": set(),
    "clock": set(),
    "cpus": set(),
    "client": set(),
    "config": set(),
    "listening": set(),
    "embedding": {"app", "public", "services", "web", "wiring"},
    "errors": set(),
    "base64url": set(),
    "batches": set(),
    "oauth": {"http_client"},
    "saml": {"http_client"},
    "provider_user": set(),
    "public_ids": set(),
    "random_secrets": set(),
    "rfc3339": set(),
    "secret_file": set(),
    "casefold": set(),
    "special_purpose": set(),
    "storable_text": set(),
    "timed_cache": set(),
    "unfinished_files": set(),
    "uuid_text": set(),
    "go_template": set(),
    "gunicorn_conf": {"cli"},
    "http_client": set(),
    "wsgi": {"cli"},
}
# The same inside of storage. What is not named here are queries, which may use each other.
QUERIES = "queries"
STORAGE_ARROWS = {
    "engine": set(),
    # How columns are written, and whose rows a query is about: all that a table has to know.
    "models": {"engine.current", "engine.fields"},
    QUERIES: {"engine", "models"},
    # What a migration was when it was released, it stays, whatever becomes of all else.
    "schema.migrations": set(),
    "schema": {"engine", "models", "schema.migrations"},
    "copy": {"engine", "models", "schema"},
    "transfer": {"engine", "models", "schema"},
}
# Who may use a library.
OWNERS = {
    "authlib": {"oauth"},
    "joserfc": {"oauth"},
    "saml2": {"saml"},
    "argon2": {"hashing"},
    "bcrypt": {"hashing"},
    "passlib": {"hashing"},
    "fido2": {"webauthn"},
    "itsdangerous": {"services"},
    "limits": {"services"},
    "flask": {"app", "backend", "context", "embedding", "public", "web"},
    "peewee": {"storage"},
    "playhouse": {"storage"},
    "jwt": {"jose"},
    "click": {"cli"},
    "httpcore2": {"http_client"},
    "httpx2": {"http_client"},
    "gunicorn": {"cli", "web"},  # web: what it raises while a body is read
    "prometheus_client": {"metrics"},
    "secrets": {"random_secrets"},
    "yaml": {"cli", "config"},
}
# Modules whose tests have another name than theirs: declarations that are tested together.
TWINS = {
    "__init__.py": "embedding/test_extension.py",
    "wiring/": "test_wiring.py",
    "errors/": "test_errors.py",
    "backend/answers.py": "backend/test_paging.py",
    "backend/password_managers.py": "backend/test_client_envs.py",
    "backend/connect_tokens_schemas.py": "backend/test_connect_tokens.py",
    "backend/challenges_schemas.py": "backend/test_challenges.py",
    "backend/envelope.py": "backend/test_errors.py",
    "backend/social_accounts_schemas.py": "backend/test_social_accounts.py",
    "backend/sessions_schemas.py": "backend/test_sessions.py",
    "backend/passkey_answers.py": "backend/test_passkey.py",
    "backend/passkey_schemas.py": "backend/test_passkey.py",
    "backend/schemas.py": "backend/test_users.py",
    "backend/user_path.py": "backend/test_users.py",
    "backend/webhook_endpoints_schemas.py": "backend/test_webhook_endpoints.py",
    "cli/__init__.py": "cli/test_main.py",
    "cli/checks.py": "cli/test_doctor.py",
    "config/__init__.py": "config/test_loading.py",
    "config/extensions.py": "config/test_fields.py",
    "config/model.py": "config/test_reference.py",
    "config/origins.py": "config/test_fields.py",
    "config/session.py": "config/test_fields.py",
    "config/webauthn.py": "config/test_fields.py",
    "oauth/provider.py": "oauth/test_client.py",
    "oauth/userinfo.py": "oauth/test_client.py",
    "public/__init__.py": "test_app.py",
    "public/saml_schemas.py": "public/test_saml.py",
    "services/audit/auth_events.py": "backend/test_auth_events.py",
    "services/passkeys/credential_records.py": "backend/test_credentials.py",
    "public/state_cookies.py": "public/test_thirdparty.py",
    "services/connect_tokens.py": "backend/test_connect_tokens.py",
    "services/challenges.py": "backend/test_challenges.py",
    "services/clean_up/removers.py": "services/clean_up/test_clean_up.py",
    "services/delivery/carriers.py": "services/delivery/test_dispatcher.py",
    "services/identifiers.py": "backend/test_identifiers.py",
    "services/third_party/third_party.py": "public/test_thirdparty.py",
    "storage/emails/claims.py": "services/test_first_proof.py",
    "storage/first_proof.py": "services/test_first_proof.py",
    "services/social_accounts.py": "backend/test_social_accounts.py",
    "services/passkeys/challenges.py": "backend/test_passkey_challenges.py",
    "services/passkeys/passkey_data.py": "backend/test_passkey_log_in.py",
    "services/passkeys/events.py": "backend/test_passkey_events.py",
    "services/passkeys/server_login.py": "backend/test_passkey_log_in.py",
    "services/passkeys/server_registration.py": "backend/test_passkey.py",
    "services/passkeys/signed_data.py": "backend/test_signed_passkey_data.py",
    "services/sessions/records.py": "backend/test_sessions.py",
    "services/users/administration.py": "cli/users/test_changing.py",
    "services/users/overviews.py": "cli/users/test_listing.py",
    "services/users/records.py": "backend/test_users.py",
    "services/delivery/recipients.py": "services/delivery/test_dispatcher.py",
    "services/webhooks/endpoints.py": "backend/test_webhook_endpoints.py",
    "services/webhooks/hook_deliveries.py": "cli/test_webhooks.py",
    "services/webhooks/hook_tokens.py": "services/webhooks/test_hook_delivery.py",
    "services/webhooks/hooks.py": "services/webhooks/test_hook_delivery.py",
    "storage/api_secrets.py": "services/test_api_secrets.py",
    "storage/passkeys/credential_details.py": "backend/test_credentials.py",
    "storage/passkeys/challenges.py": "backend/test_passkey_challenges.py",
    "storage/passkeys/events.py": "backend/test_passkey_events.py",
    "storage/spent_tokens.py": "backend/test_signed_passkey_data.py",
    "storage/connect_tokens.py": "backend/test_connect_tokens.py",
    "storage/identifiers.py": "backend/test_identifiers.py",
    "storage/sessions/records.py": "backend/test_sessions.py",
    "storage/challenges.py": "backend/test_challenges.py",
    "services/saml/answers.py": "public/test_saml.py",
    "services/saml/login.py": "public/test_saml.py",
    "services/saml/refusals.py": "public/test_saml.py",
    "services/saml/serving.py": "public/test_saml.py",
    "storage/saml/idp_initiated.py": "services/saml/test_requests.py",
    "storage/leases.py": "services/test_leases.py",
    "storage/saml/requests.py": "services/saml/test_requests.py",
    "storage/saml/states.py": "services/clean_up/test_kinds.py",
    "storage/social_accounts.py": "backend/test_social_accounts.py",
    "cli/users_export.py": "cli/test_users_transfer.py",
    "cli/users_import.py": "cli/test_users_transfer.py",
    "services/transfer/accounts.py": "services/transfer/test_schema.py",
    "services/transfer/clashes.py": "services/transfer/test_importing.py",
    "services/transfer/members.py": "services/transfer/test_schema.py",
    "services/transfer/new_rows.py": "services/transfer/test_exporting.py",
    "services/transfer/passkeys.py": "services/transfer/test_schema.py",
    "storage/transfer/existing.py": "services/transfer/test_importing.py",
    "storage/transfer/reading.py": "services/transfer/test_exporting.py",
    "storage/transfer/rows.py": "storage/transfer/test_bulk.py",
    "storage/transfer/updates.py": "services/transfer/test_updating.py",
    "storage/identities.py": "services/identities/test_entries.py",
    "storage/tokens.py": "services/test_tokens.py",
    "storage/users/records.py": "backend/test_users.py",
    "storage/delivery/lanes.py": "services/delivery/test_queue.py",
    "storage/webhooks/endpoints.py": "backend/test_webhook_endpoints.py",
    "storage/webhooks/hooks.py": "services/webhooks/test_hook_delivery.py",
    "storage/engine/dialects.py": "storage/engine/test_database.py",
    "storage/models/": "storage/test_models.py",
    "storage/schema/migrations/": "storage/schema/test_migrate.py",
}
EMPTY_NAMES = {"common", "helper", "helpers", "misc", "util", "utils"}


NAMES = FILES.keys()


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """What is written in *path*, at any depth."""
    return tuple(ast.walk(tree(name_of(path))))


def imports(path: Path) -> frozenset[str]:
    """Every module that *path* imports, anywhere in it."""
    return every_import(name_of(path))


def room(name: str) -> str:
    """The room of the module *name*: the part below the package; "" for the package itself."""
    return name.split(".")[1] if "." in name else ""


def shown(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def faults(rule: Callable[[Path], Iterable[str]], paths: Iterable[Path] = MODULES) -> list[str]:
    """What breaks the *rule* in the files at *paths*, each with the file's name.

    One test for all of them: a test for each would take longer to collect than to run.
    """
    return [f"{shown(path)}: {fault}" for path in paths for fault in rule(path)]


def test_imports_follow_the_arrows() -> None:
    def strays(path: Path) -> set[str]:
        here = room(name_of(path))
        ours = {room(name) for name in imports(path) if name in NAMES} - {here, ""}
        return ours - (ARROWS[here] | BASE if here else set())

    assert faults(strays) == []


STORAGE = "hanko_compat.storage"
MODULES_OF_STORAGE = [path for path in MODULES if (name_of(path) + ".").startswith(f"{STORAGE}.")]


def lies_in(name: str, place: str) -> bool:
    """Whether the module *name* is *place* or below it, both as seen from storage."""
    return (name + ".").startswith(place + ".")


def room_in_storage(name: str) -> str:
    """The room of the module *name*, as seen from storage."""
    return next((place for place in STORAGE_ARROWS if lies_in(name, place)), QUERIES)


def test_imports_inside_of_storage_follow_the_arrows() -> None:
    def strays(path: Path) -> Iterator[str]:
        here = room_in_storage(name_of(path).removeprefix(f"{STORAGE}."))
        for name in imports(path):
            if name.startswith(f"{STORAGE}.") and name in NAMES:
                there = name.removeprefix(f"{STORAGE}.")
                is_allowed = any(lies_in(there, place) for place in STORAGE_ARROWS[here])
                if not is_allowed and room_in_storage(there) != here:
                    yield name

    assert faults(strays, MODULES_OF_STORAGE) == []


def test_each_library_has_its_place() -> None:
    def strays(path: Path) -> list[str]:
        libraries = {name.split(".")[0] for name in imports(path)} & OWNERS.keys()
        return [library for library in libraries if room(name_of(path)) not in OWNERS[library]]

    assert faults(strays) == []


def test_no_module_imports_itself_over_others() -> None:
    graph = {name_of(path): (imports(path) & NAMES) - {name_of(path)} for path in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_imports_stand_on_top() -> None:
    def inner(path: Path) -> Iterator[str]:
        for function in nodes(path):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Import | ast.ImportFrom):
                        yield ast.unparse(node)

    assert faults(inner) == []


def has_logic(path: Path) -> bool:
    """Whether there is a function or method in *path*."""
    return any(isinstance(node, ast.FunctionDef) for node in nodes(path))


def twin(path: Path) -> Path:
    """Where the tests of the module in *path* have to be."""
    inside = path.relative_to(PACKAGE)
    for start, tests in TWINS.items():
        if inside.as_posix().startswith(start):
            return TESTS / tests
    if path.stem == "__init__":
        return TESTS / inside.parent / f"test_{inside.parent.name}.py"
    return TESTS / inside.parent / f"test_{path.name}"


def test_each_module_has_its_tests() -> None:
    assert [shown(path) for path in MODULES if has_logic(path) and not twin(path).exists()] == []


def test_names_say_what_is_inside() -> None:
    assert [shown(path) for path in MODULES if EMPTY_NAMES & set(name_of(path).split("."))] == []


def test_files_stay_small() -> None:
    lines = {shown(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: number for name, number in lines.items() if number > 400} == {}

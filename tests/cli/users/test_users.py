import pytest

from tests.cli.terminal import run


@pytest.mark.parametrize(
    "command",
    [
        ["show"],
        ["disable", "--yes"],
        ["enable"],
        ["delete", "--yes"],
        ["sessions"],
        ["end-sessions", "--yes"],
        ["passkeys"],
        ["delete-passkey", "--yes"],
    ],
    ids=lambda command: command[0],
)
def test_a_user_that_is_not_there_is_exit_code_3(command, config, alice):
    more = ["an-id"] if command[0] == "delete-passkey" else []
    result = run("users", *command, "bob@example.test", *more, *config)
    assert result.exit_code == 3
    assert result.stderr.startswith("Error: there is no user 'bob@example.test'")
    assert result.stdout == ""


@pytest.mark.parametrize("command", ["list", "show alice", "delete alice --yes"])
def test_a_database_without_tables(command, empty_database_url):
    result = run("users", *command.split(), SECRETS_KEYS="0123456789abcdef", DATABASE_URL=empty_database_url)
    assert result.exit_code == 1
    assert "hanko-compat migrate up" in result.stderr

"""Which option an error is about."""

import pytest

from hanko_compat.config.mysql_options import MySQLOptions
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.engine.option_faults import check_refused_option, mysql_clues, postgres_clues


def test_the_option_that_is_named_is_at_fault() -> None:
    clues = postgres_clues({"sslmode": "disable", "host": "h"}, ["search_path", "statement_timeout"])
    with pytest.raises(DatabaseUnavailable, match=r"^database\.url: statement_timeout: invalid"):
        check_refused_option(ValueError('invalid value for parameter "statement_timeout": "x"'), clues)


def test_pgbouncer_passes_no_parameter_on() -> None:
    error = ValueError("connection failed: FATAL:  unsupported startup parameter: options")
    clues = postgres_clues({"options": "-c search_path=a"}, ["search_path"])
    with pytest.raises(DatabaseUnavailable, match=r"^database\.url: options: .*ALTER ROLE"):
        check_refused_option(error, clues)


@pytest.mark.parametrize(
    "text",
    ["Connection refused", 'host "h" is unknown', 'password authentication failed for user "statement"'],
)
def test_other_errors_stay_what_they_are(text: str) -> None:
    check_refused_option(ValueError(text), postgres_clues({"host": "h", "user": "u"}, ["statement_timeout"]))
    check_refused_option(ValueError(text), mysql_clues(MySQLOptions(variables={"wait_timeout": "1"})))

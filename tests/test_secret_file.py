import stat
from pathlib import Path

import pytest

from hanko_compat.errors import OperatorError
from hanko_compat.secret_file import make_secret, read_secret


def test_secrets_differ_and_are_long(tmp_path: Path) -> None:
    paths = [tmp_path / "var/one", tmp_path / "var/two"]
    for path in paths:
        make_secret(path)

    secrets = {path.read_text().strip() for path in paths}
    assert len(secrets) == 2
    assert min(map(len, secrets)) >= 43  # 32 bytes in base64
    assert [stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "var", *paths]] == [0o700, 0o600, 0o600]


def test_secret_is_never_replaced(tmp_path: Path) -> None:
    make_secret(tmp_path / "secret")

    with pytest.raises(FileExistsError):
        make_secret(tmp_path / "secret")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    make_secret(path)
    assert len(read_secret(path)) >= 43
    path.chmod(mode)
    with pytest.raises(OperatorError, match="chmod 600"):
        read_secret(path)

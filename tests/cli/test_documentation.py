"""docs/cli.md says what the commands say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_page_is_current() -> None:
    program = "from scripts.write_cli_docs import page; print(page(), end='')"

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout == (ROOT / "docs" / "cli.md").read_text(), "run: make docs"

"""``python -m hanko_compat``: the same as ``hanko-compat``."""

from hanko_compat.cli import main

if __name__ == "__main__":
    main(prog_name="hanko-compat")

"""``application`` for any WSGI server; ``gunicorn -c gunicorn.conf.py wsgi:application`` is the same as ``serve``."""

from hanko_compat.cli.server import reloadable_from_environment

application = reloadable_from_environment().application

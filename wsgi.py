"""``application`` for any WSGI server; ``gunicorn -c gunicorn.conf.py wsgi:application`` is like ``serve``."""

from hanko_compat.cli.server import application_from_environment

application = application_from_environment().application

"""``application`` for any WSGI server, as in ``gunicorn -c gunicorn.conf.py wsgi:application``."""

from hanko_compat.cli.server import application_from_environment

application = application_from_environment().application

"""``app`` for any WSGI server: ``gunicorn -c python:hanko_compat.gunicorn_conf hanko_compat.wsgi:app``.

The configuration is read from $HANKO_CONFIG, else ./config.yaml, when this module is imported.
"""

from hanko_compat.cli.server import application_from_environment

app = application_from_environment().application
application = app

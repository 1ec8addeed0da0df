"""``application`` for any WSGI server, as in ``gunicorn -c gunicorn.conf.py wsgi:application``."""

from hanko_compat.wsgi import application

__all__ = ["application"]

"""``gunicorn -c gunicorn.conf.py wsgi:application``: the same as ``hanko-compat serve``.

The configuration is read from $HANKO_CONFIG, else ./config.yaml. Change what you need below.
"""

from hanko_compat.cli.server import options_from_environment

# options_from_environment(delivery=False) leaves the mails to `hanko-compat worker`.
globals().update(options_from_environment())

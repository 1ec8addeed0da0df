"""``gunicorn -c gunicorn.conf.py wsgi:application``: the same as ``hanko-compat serve``.

The configuration is read from $HANKO_CONFIG, else ./config.yaml. Change what you need below.
"""

from hanko_compat.cli.server import application_from_environment, options_from_environment

# options_from_environment(delivery=False) leaves the mails to `hanko-compat worker`.
# Computed once: a HUP executes this file again, and must survive a broken configuration.
globals().update(options_from_environment())


def on_reload(arbiter):
    """Build the application from the new configuration: gunicorn by itself keeps a preloaded one."""
    arbiter.app.callable = application_from_environment().rebuild()

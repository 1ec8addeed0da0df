"""``gunicorn -c gunicorn.conf.py wsgi:application``: the settings of ``hanko-compat serve``, and HUP as there.

The configuration is read from $HANKO_CONFIG, else ./config.yaml. Change what you need below.
"""

from hanko_compat.cli.server import options_from_environment, reloadable_from_environment

# Computed once: a HUP executes this file again, and must survive a broken configuration.
globals().update(options_from_environment())


def on_reload(arbiter):
    """Build the application from the new configuration: gunicorn by itself keeps a preloaded one."""
    arbiter.app.callable = reloadable_from_environment().rebuild()

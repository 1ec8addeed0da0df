"""gunicorn's settings as ``hanko-compat serve`` has them; `hanko_compat.wsgi` shows the command.

For settings of your own write a file of these two lines and what you change, and name that: ``-c FILE``.
"""

from hanko_compat.cli.server import options_from_environment

# options_from_environment(delivery=False) leaves the mails to `hanko-compat worker`.
globals().update(options_from_environment())

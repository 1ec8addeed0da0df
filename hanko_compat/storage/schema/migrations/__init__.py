"""Migrations, applied in the order of their numbers by ``hanko_compat.storage.schema.migrate``.

Each file is frozen once it is released and has ``scope``, which says where it belongs, and ``up``:

* ``layout``: Hanko's own tables. Only on a database of ours, never on one that Hanko owns.
* ``indexes``: further indexes on Hanko's tables. On a database that Hanko owns the operator asks for them.
* ``own``: our own tables, named ``hanko_compat_...``. Everywhere.

A file declares the tables that it needs inline and imports nothing of ours. It only adds. On MySQL, which
commits each statement for itself, it must be able to run again after it was killed half-way.

A server of the release before runs until it is restarted. ``again``, where a migration has it, takes over
what such a server wrote meanwhile: it is run whenever a server or worker starts, and by each ``migrate up``.
"""

"""What every table has in common."""

import peewee

from hanko_compat.storage.engine.current import CURRENT_DATABASE


class Row(peewee.Model):
    """A table. Its rows are those of the database whose unit of work a query is part of."""

    class Meta:
        """Names are given, never derived."""

        database = CURRENT_DATABASE
        legacy_table_names = False

"""What every table has in common."""

import peewee


class Row(peewee.Model):
    """A table of Hanko's layout. Bound to a database by ``open_database``, so nothing opens at import."""

    class Meta:
        """Names are given, never derived."""

        legacy_table_names = False

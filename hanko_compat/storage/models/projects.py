"""The table ``hanko_compat_projects``: the ID with which servers authenticate."""

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField
from hanko_compat.storage.models.base import Row


class Project(Row):
    """The project that the backend door serves; there is one row at most."""

    id = peewee.CharField(max_length=64, primary_key=True)
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_projects"

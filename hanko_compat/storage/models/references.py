"""Columns that name a row of another table."""

import peewee


def reference(
    table: type[peewee.Model],
    column_name: str,
    *,
    on_delete: str = "CASCADE",
    on_update: str | None = None,
    null: bool = False,
    primary_key: bool = False,
    constraint_name: str | None = None,
) -> peewee.ForeignKeyField:
    """Make a foreign key to the primary key of *table*.

    Indexes are named by the models; the other table has no attribute for the way back.
    """
    return peewee.ForeignKeyField(
        table,
        column_name=column_name,
        on_delete=on_delete,
        on_update=on_update,
        null=null,
        primary_key=primary_key,
        constraint_name=constraint_name,
        index=False,
        backref="+",
    )

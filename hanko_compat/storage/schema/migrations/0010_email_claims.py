"""Our own table of who stands for an unverified address.

What servers and challenges have said so far is kept: addresses of users that a server made, and those that
a challenge has proved.
"""

from typing import Any

from peewee import SQL, Database, DateTimeField, ForeignKeyField, Model, MySQLDatabase, UUIDField
from playhouse.migrate import SchemaMigrator

scope = "own"


class Email(Model):
    id = UUIDField(primary_key=True)

    class Meta:
        table_name = "emails"


class EmailClaim(Model):
    email = ForeignKeyField(Email, on_delete="CASCADE", primary_key=True, backref="+")
    proved_at = DateTimeField(null=True)

    class Meta:
        table_name = "hanko_compat_email_claims"


# A user that a server made has an empty given name, not NULL.
CLAIMED = """
    INSERT INTO hanko_compat_email_claims (email_id, proved_at)
    SELECT e.id, (
        SELECT MIN(c.created_at) FROM hanko_compat_challenges c
        WHERE c.user_id = e.user_id AND c.status = 'completed' AND LOWER(c.identifier_value) = e.address
    )
    FROM emails e JOIN users u ON u.id = e.user_id
    WHERE NOT e.verified AND NOT EXISTS (SELECT 1 FROM hanko_compat_email_claims k WHERE k.email_id = e.id)
        AND (u.given_name = '' OR EXISTS (
            SELECT 1 FROM hanko_compat_challenges c
            WHERE c.user_id = e.user_id AND c.status = 'completed' AND LOWER(c.identifier_value) = e.address
        ))
"""
COLLATION = """
    SELECT collation_name FROM information_schema.columns
    WHERE table_schema = database() AND table_name = 'emails' AND column_name = 'id'
"""


def up(_migrator: SchemaMigrator, db: Database) -> None:
    """Make the table and fill it; what a killed run on MySQL, which can't roll back, left is kept."""
    meta: Any = EmailClaim._meta
    is_mysql = isinstance(db, MySQLDatabase)
    meta.table_settings = ["CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"] if is_mysql else None
    if is_mysql:
        # A column that refers to a table of Hanko's has the collation that it has there, as MySQL demands.
        (collation,) = db.execute_sql(COLLATION).fetchone()
        meta.fields["email"].constraints = [SQL(f"COLLATE {collation}")]
    with db.bind_ctx([EmailClaim]):
        EmailClaim._schema.create_table(safe=True)
    db.execute_sql(CLAIMED)

"""What a database server's catalogue says about its tables, as sets of lines that can be compared."""

from hanko_compat.storage.engine.database import Database

POSTGRES = {
    "columns": """
        SELECT table_name, ordinal_position, column_name, data_type, coalesce(character_maximum_length, 0),
               is_nullable, coalesce(column_default, '')
        FROM information_schema.columns WHERE table_schema = 'public'
    """,
    "keys": """
        SELECT t.relname, c.conname, pg_get_constraintdef(c.oid)
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.connamespace = 'public'::regnamespace
    """,
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}
MARIADB = {
    "columns": """
        SELECT table_name, ordinal_position, column_name, column_type, is_nullable,
               coalesce(column_default, ''), extra
        FROM information_schema.columns WHERE table_schema = database()
    """,
    "keys": """
        SELECT k.table_name, k.constraint_name, k.ordinal_position, k.column_name,
               coalesce(k.referenced_table_name, ''), coalesce(k.referenced_column_name, ''),
               coalesce(r.update_rule, ''), coalesce(r.delete_rule, '')
        FROM information_schema.key_column_usage k LEFT JOIN information_schema.referential_constraints r
        ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name
        AND r.table_name = k.table_name
        WHERE k.table_schema = database()
    """,
    "indexes": """
        SELECT table_name, index_name, seq_in_index, column_name, non_unique
        FROM information_schema.statistics WHERE table_schema = database()
    """,
}
SQLITE = {"everything": "SELECT tbl_name, type, name, coalesce(sql, '') FROM sqlite_master"}
QUERIES = {"postgres": POSTGRES, "mysql": MARIADB, "sqlite": SQLITE}


def layout(database: Database) -> dict[str, set[tuple[object, ...]]]:
    """The columns, keys and indexes of every table but those that count migrations."""
    with database.connection():
        return {
            kind: {
                tuple(row)
                for row in database.peewee.execute_sql(query).fetchall()
                if row[0] not in {"schema_migration", "hanko_compat_migrations"}
            }
            for kind, query in QUERIES[database.dialect].items()
        }


def rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.connection():
        return {
            table: database.peewee.execute_sql(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in database.peewee.get_tables()
        }

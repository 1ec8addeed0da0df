"""A million users with what they have, written by PostgreSQL itself."""

import psycopg
import psycopg.sql

FAR = "TIMESTAMP '2026-01-01' + n * INTERVAL '1 second'"
"""When the n-th row was made: no two at once."""
USER = "('00000000-0000-4000-8000-' || lpad(to_hex(n * 2654435761 %% 4294967296), 12, '0'))::uuid"
"""The n-th user's ID: in no order that anything else has."""
PHONE = "'+4915' || lpad(n::text, 9, '0')"

STATEMENTS = (
    f"""
    INSERT INTO users (id, created_at, updated_at, name)
    SELECT {USER}, {FAR}, {FAR} + INTERVAL '1 day', 'User ' || n * 619 %% 997 || ' of ' || n
    FROM generate_series(1, %(users)s) n
    """,
    # Every tenth is not active.
    f"""
    INSERT INTO hanko_compat_user_states (user_id, status, created_at)
    SELECT {USER}, CASE WHEN n %% 20 = 0 THEN 'pending' ELSE 'disabled' END, {FAR}
    FROM generate_series(1, %(users)s) n WHERE n %% 10 = 0
    """,
    f"""
    INSERT INTO emails (id, user_id, address, verified, created_at, updated_at)
    SELECT gen_random_uuid(), {USER}, 'user' || n || '@example.com', n %% 3 > 0, {FAR}, {FAR}
    FROM generate_series(1, %(users)s) n
    """,
    """
    INSERT INTO primary_emails (id, email_id, user_id, created_at, updated_at)
    SELECT gen_random_uuid(), id, user_id, created_at, updated_at FROM emails WHERE verified
    """,
    f"""
    INSERT INTO hanko_compat_identifiers (id, user_id, type, value, folded, status, created_at, updated_at)
    SELECT gen_random_uuid(), {USER}, 'phone', {PHONE}, {PHONE}, 'verified', {FAR}, {FAR}
    FROM generate_series(1, %(users)s) n WHERE n %% 2 = 0
    """,
    f"""
    INSERT INTO identities (id, user_id, provider_id, provider_user_id, data, created_at, updated_at)
    SELECT gen_random_uuid(), {USER}, CASE WHEN n %% 3 = 0 THEN 'github' ELSE 'google' END, 'foreign' || n,
           '{{}}', {FAR}, {FAR}
    FROM generate_series(1, %(users)s) n
    """,
    f"""
    INSERT INTO sessions (id, user_id, expires_at, last_used, created_at, updated_at)
    SELECT gen_random_uuid(), {USER}, {FAR} + INTERVAL '3000 days', {FAR} + INTERVAL '1 hour', {FAR}, {FAR}
    FROM generate_series(1, %(users)s) n
    """,
    f"""
    INSERT INTO hanko_compat_connect_tokens
           (id, secret_hash, type, identifier, display_name, is_consumed, expires_at, created_at)
    SELECT gen_random_uuid(), n::text, 'passkey-login', 'user' || n, NULL,
           n %% 4 = 0, {FAR} + INTERVAL '3000 days', {FAR}
    FROM generate_series(1, %(users)s) n
    """,
)


INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = current_schema() AND tablename = ANY(%s) AND indexname NOT IN (
        SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    )
"""
TABLES = [statement.split()[2] for statement in STATEMENTS]


def seed(url: str, *, users: int) -> None:
    """Fill the tables of the PostgreSQL database at *url*, whose owner is a superuser, unless they are full.

    Indexes are made afterwards, and references are not checked: both would take several times as long.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT id FROM users LIMIT 1").fetchone():
            return
        connection.execute("SET session_replication_role = replica")
        indexes = connection.execute(INDEXES, [TABLES]).fetchall()
        for name, _ in indexes:
            connection.execute(psycopg.sql.SQL("DROP INDEX {}").format(psycopg.sql.Identifier(name)))
        for statement in STATEMENTS:
            connection.execute(statement, {"users": users})
        for _, definition in indexes:
            connection.execute(definition)
        connection.execute("VACUUM ANALYZE")

"""Tables, queries, migrations: no policy, no HTTP. The only package that knows peewee."""

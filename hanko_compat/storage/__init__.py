"""Tables, queries and migrations: no rules, no HTTP. The only package that imports peewee."""

"""The only room that speaks SQL.

`tables.py` says what is kept, `database.py` opens it on SQLite or PostgreSQL; beside them one module a noun, with plain
functions that take a connection first and hand back frozen dataclasses. No rule is decided here that `service/rules`
could decide, except those that only the database can keep: who was first, and that an older answer never wins.
"""

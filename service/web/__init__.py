"""The only room that speaks HTTP to callers: JSON routes (`api/`), server-rendered pages (`pages/`), what both share.

A route finds, decides, answers; who may call it is settled in `access.py`, and every error becomes HTTP in one table,
`problems.py`. It speaks no SQL and never calls a Jira itself.
"""

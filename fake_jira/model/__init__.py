"""Plain objects of a Jira: projects, issues, workflows, users, permissions, the search index.

Records are frozen and a write replaces them, so a copy of a whole site is a copy of dicts, and what was rendered from
a record stays right for as long as that record is the current one. Knows neither HTTP nor JSON of any API version.
"""

"""Every way to sign in against everything a Jira does: the stories of `scenarios/library/every-authentication`.

`python -m tests.every_authentication` plays them all and writes the table of the README.
"""

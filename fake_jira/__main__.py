"""`python -m fake_jira`: the same as the command fake-jira."""

from fake_jira.cli import main

main()

"""Speed, measured side by side in one run and printed as ratios; never a test (a timed assertion is none)."""

LOGIN = ("admin@example.com", "admin-token")  # the fake Jira's own first user

"""Jira ticket status and integration status: the API, the retrieval engine, the pages.

Speaks to any Jira by HTTP and to nothing else; it knows neither the fake Jira nor the scenarios that play against it.
"""

__version__ = "0.1.0"

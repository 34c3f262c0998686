"""Tells listeners what has happened, for real: over HTTP, signed, and again when they did not take it [jira 5.13].

Verbs of the model note events in their world's outbox; the `Courier` finds who wants each, writes the body, sends it.
"""

from fake_jira.webhooks.courier import Courier

__all__ = ["Courier"]

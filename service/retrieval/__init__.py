"""Statuses from Jira: one run over an integration's tickets, and the refresh button, which uses the same steps.

Decides what to ask and what an answer does to a ticket; it neither speaks HTTP nor SQL itself, and does not know when a
run is due.
"""

from service.retrieval.engine import Retrieval
from service.retrieval.refresh import RefreshOutcome, TicketOutcome

__all__ = ["RefreshOutcome", "Retrieval", "TicketOutcome"]

"""The ways in which the fake misbehaves on request: one file per fault, and the book that holds the armed ones.

A fault is selector x trigger x effect. What it does to a socket is asked of the server (`hit.Wire`); what it does to
the world is done to the world's own records and healed when it is cleared.
"""

from fake_jira.faults.base import Asked, Fault
from fake_jira.faults.book import Armed, FaultBook
from fake_jira.faults.catalogue import FAULTS
from fake_jira.faults.hit import Hit
from fake_jira.faults.names import FaultRefused

__all__ = ["FAULTS", "Armed", "Asked", "Fault", "FaultBook", "FaultRefused", "Hit"]

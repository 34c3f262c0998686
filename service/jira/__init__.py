"""The only room that speaks to a Jira.

It knows paths, bodies, credentials and what an answer means. It does not know that tickets are stored, nor what follows
from an answer: it hands back an `Outcome`, and others decide.
"""

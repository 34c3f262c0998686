"""A Jira that remembers, refuses and misbehaves on request.

Everything in it reads one clock per world, so nothing has to be slept for. It knows nothing of the service that speaks
to it; `LIMITS.md` lists what it does not imitate and answers with 501 instead.
"""

__version__ = "0.1.0"  # of all four packages; a test holds it to service.__version__

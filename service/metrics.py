"""What Prometheus may ask about this process. Counts and durations only: no names of people, no secrets.

One registry of our own, so that two apps in one process (a scenario's stage, a test) do not trip over each other's
collectors; what they count is then the sum.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

RUNS_ENDED = Counter(
    "ticket_service_runs_ended", "Retrieval runs that ended, by cause and state.", ["cause", "state"], registry=REGISTRY
)
RUN_SECONDS = Histogram(
    "ticket_service_run_seconds",
    "Seconds from a run's start to its end, waits included.",
    buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200),
    registry=REGISTRY,
)
JIRA_REQUESTS = Counter(
    "ticket_service_jira_requests",
    "Requests to Jira, by operation and what came of them.",
    ["operation", "outcome"],
    registry=REGISTRY,
)
JIRA_SECONDS = Histogram(
    "ticket_service_jira_request_seconds",
    "Seconds one request to Jira took.",
    ["operation"],
    buckets=(0.005, 0.02, 0.1, 0.5, 1, 3, 10, 30),
    registry=REGISTRY,
)
TICKETS = Counter(
    "ticket_service_tickets", "Tickets by what a retrieval did to them.", ["event"], registry=REGISTRY
)  # checked, changed, deleted
VERIFICATIONS = Counter(
    "ticket_service_verifications", "Verifications of integrations, by verdict.", ["health"], registry=REGISTRY
)
BROKEN = Gauge("ticket_service_broken_integrations", "Integrations that are broken at present.", registry=REGISTRY)


def jira_answered(operation: str, outcome: str, seconds: float) -> None:
    JIRA_REQUESTS.labels(operation, outcome).inc()
    JIRA_SECONDS.labels(operation).observe(seconds)


def run_ended(cause: str, state: str, seconds: float) -> None:
    RUNS_ENDED.labels(cause, state).inc()
    RUN_SECONDS.observe(seconds)


def tickets_retrieved(checked: int = 0, changed: int = 0, deleted: int = 0) -> None:
    for event, count in (("checked", checked), ("changed", changed), ("deleted", deleted)):
        TICKETS.labels(event).inc(count)


def verified(health: str) -> None:
    VERIFICATIONS.labels(health).inc()


def exposition() -> bytes:
    """All of it in Prometheus's text format; its content type is `CONTENT_TYPE`."""
    return generate_latest(REGISTRY)

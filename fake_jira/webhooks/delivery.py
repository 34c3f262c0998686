"""One delivery: what is sent where, when it is due again, and when it is given up [jira 5.13]."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from fake_jira.model.app_records import App
from fake_jira.model.app_tokens import signed
from fake_jira.model.webhook_records import AdminWebhook, FailedDelivery
from fake_jira.model.webhooks import note_failure
from fake_jira.worlds import World

TRIED_AGAIN = frozenset({408, 409, 425, 429, *range(500, 600)})
FIRST_WAIT, LONGER_BY = timedelta(minutes=5), timedelta(minutes=2.5)  # 5 to 15 minutes apart
WAITING, UNDER_WAY, DELIVERED, FAILED = "waiting", "under way", "delivered", "failed"
TOKEN_LASTS = timedelta(minutes=3)


@dataclass
class Delivery:
    """A body on its way to `url`. `app` for an app's webhooks, `secret` for an administrator's signed one.

    `status` is what the listener answered last, None when nobody did. Instants are the world's.
    """

    url: str
    event: str
    body: bytes
    due: datetime
    app: App | None = None
    secret: str | None = None
    flow: str = "Primary"
    id: str = field(default_factory=lambda: str(uuid4()))
    tries: int = 0
    state: str = WAITING
    status: int | None = None

    def headers(self, now: datetime, agent: str) -> dict[str, str]:
        """What goes along with this try; `agent` is the version and build of the Jira that sends it."""
        sent = {
            "Content-Type": "application/json; charset=UTF-8",
            "User-Agent": f"Atlassian HttpClient unknown / JIRA-{agent} / Default",
            "X-Atlassian-Webhook-Identifier": self.id,
            "X-Atlassian-Webhook-Flow": self.flow,
        }
        if self.tries:
            sent["X-Atlassian-Webhook-Retry"] = str(self.tries)
        if self.app is not None:
            issued = int(now.timestamp())
            claims = {"iss": self.app.client_id, "iat": issued, "exp": issued + int(TOKEN_LASTS.total_seconds())}
            sent["Authorization"] = f"Bearer {signed(claims, self.app.secret)}"
        if self.secret:
            sent["X-Hub-Signature"] = f"sha256={hmac.digest(self.secret.encode(), self.body, 'sha256').hex()}"
        return sent

    def came_back(self, world: World, status: int | None, retries: int) -> None:
        """Takes note of the listener's answer: done, due again later, or given up and remembered as failed."""
        now = world.now()
        self.status, self.tries = status, self.tries + 1
        if status is not None and status not in TRIED_AGAIN:
            self.state = DELIVERED if status < 300 else FAILED
        elif self.tries <= retries:
            self.state, self.due = WAITING, now + FIRST_WAIT + LONGER_BY * (self.tries - 1)
        else:
            self.state = FAILED
        if self.state == FAILED:
            failure = FailedDelivery(
                self.id, self.url, self.body.decode(), now, self.app.client_id if self.app else None
            )
            with world.lock:
                note_failure(world.site, failure)


def addressed(webhook: AdminWebhook, issue_id: str, issue_key: str, project_id: str, project_key: str) -> str:
    """The address with `${issue.key}` and its like filled in."""
    filled = webhook.url
    for name, value in (
        ("issue.id", issue_id),
        ("issue.key", issue_key),
        ("project.id", project_id),
        ("project.key", project_key),
    ):
        filled = filled.replace(f"${{{name}}}", value)
    return filled

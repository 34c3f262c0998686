"""All faults by the name they have in JSON."""

from fake_jira.faults.base import Fault
from fake_jira.faults.deleted_issue import DeletedIssue
from fake_jira.faults.expired_token import ExpiredToken
from fake_jira.faults.login_page import LoginPage
from fake_jira.faults.lost_permission import LostPermission
from fake_jira.faults.outage import Outage
from fake_jira.faults.rate_limit import RateLimit
from fake_jira.faults.reset import Reset
from fake_jira.faults.timeout import Timeout
from fake_jira.faults.unavailable import Unavailable

FAULTS: dict[str, type[Fault]] = {
    fault.name: fault
    for fault in (
        Outage, Reset, Timeout, Unavailable, RateLimit, LoginPage, ExpiredToken, DeletedIssue, LostPermission,
    )
}  # fmt: skip

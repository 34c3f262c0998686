"""The fixtures of the service's own tests: the document is held against the service as it runs there."""

from tests.service.conftest import fake, jira_url, world
from tests.service.web.conftest import service

__all__ = ["fake", "jira_url", "service", "world"]

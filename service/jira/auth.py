"""How a request to Jira carries its credential. The secret goes into one header and nowhere else."""

import base64


def basic(username: str, secret: str) -> str:
    """The Authorization header. Cloud: e-mail and API token; Data Center: user and password; UTF-8 for both."""
    return "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()

"""OAuth 1.0a at Data Center: the key pair of an application link, and the three stations of a consent. [jira 4.4]

A request token, the page where a person decides, an access token for five years. RSA-SHA1 is all that Jira takes; the
private key is ours and never leaves the service, the public one is pasted into Jira. Never raises for what Jira does.
"""

from typing import Any
from urllib.parse import parse_qs, urlencode

from service.jira.access import Access, Tokens
from service.jira.answers import OAUTH_PROBLEM, OAUTH_PROBLEMS, JiraAnswer
from service.jira.auth import CredentialRefused, OAuth1, rsa_key
from service.jira.exchange import Exchanges, Reply
from service.rules.health import Outcome

KEY_BITS = 2048
DENIED = "denied"  # in place of a verifier


def new_private_key() -> str:
    """An RSA private key in PEM."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat  # noqa: PLC0415

    key = generate_private_key(65_537, KEY_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_key(private_key: str) -> str:
    """The public key that belongs to `private_key`, in PEM: what is pasted into Jira. Raises ValueError."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - heavy

    pem: bytes = rsa_key(private_key).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def authorize_url(access: Access, request_token: str) -> str:
    """Where a person's browser is sent to consent."""
    return f"{access.url}/plugins/servlet/oauth/authorize?{urlencode({'oauth_token': request_token})}"


class Stations:
    """The two stations that a consumer visits by itself; it is `Access.client_id` and signs with `Access.secret`.

    A refusal's `complaints` holds the one word of OAuth's problem report, when it is a known one.
    """

    def __init__(self, exchanges: Exchanges) -> None:
        self._exchanges = exchanges

    def request_token(self, access: Access, callback_url: str) -> JiraAnswer[Tokens]:
        """A token to be decided about; the person's browser then comes to `callback_url`."""
        signer = OAuth1(access.client_id, access.secret, callback=callback_url)
        return self._ask("oauthRequestToken", access, signer, "request-token")

    def access_token(self, access: Access, request: Tokens, verifier: str) -> JiraAnswer[Tokens]:
        """The token of the grant, for a request token that was allowed."""
        signer = OAuth1(access.client_id, access.secret, request.access, request.secret, verifier=verifier)
        return self._ask("oauthAccessToken", access, signer, "access-token")

    def _ask(self, operation: str, access: Access, signer: OAuth1, station: str) -> JiraAnswer[Tokens]:
        url = f"{access.url}/plugins/servlet/oauth/{station}"
        try:
            headers = signer.headers("POST", url)
        except CredentialRefused as refused:
            return JiraAnswer(refused.outcome, was_sent=False)
        headers = {**headers, "Accept": "*/*"}
        reply = self._exchanges.send(operation, "POST", url, headers, b"", skip_proxy=access.skip_proxy)
        return _tokens_of(reply)


def _tokens_of(reply: Reply) -> JiraAnswer[Tokens]:
    if reply.outcome is not Outcome.OK:
        return JiraAnswer(reply.outcome, status=reply.status, retry_after=reply.retry_after)
    text = reply.body.decode("utf-8", "replace")
    if reply.status != 200:
        return _refusal(reply, text)
    told: dict[str, Any] = parse_qs(text)
    token, secret = (told.get(name, [""])[0] for name in ("oauth_token", "oauth_token_secret"))
    if not token or not secret:
        return JiraAnswer(Outcome.NOT_JIRA, status=reply.status)
    return JiraAnswer(Outcome.OK, Tokens(access=token, secret=secret), reply.status)


def _refusal(reply: Reply, text: str) -> JiraAnswer[Tokens]:
    found = OAUTH_PROBLEM.search(text) or OAUTH_PROBLEM.search(reply.challenge)
    word = found[1] if found else ""
    if word in OAUTH_PROBLEMS:
        return JiraAnswer(OAUTH_PROBLEMS[word], status=reply.status, complaints=(word,))
    return JiraAnswer(Outcome.NOT_FOUND if reply.status == 404 else Outcome.REFUSED, status=reply.status)

"""What a Jira refuses, in our words. No HTTP in it: `flavours/` says which body and code each one becomes."""

from collections.abc import Mapping, Sequence


class JiraError(Exception):
    """A request that is answered with an error; `str(error)` is Jira's sentence where it has one."""


class Invalid(JiraError):
    """The request is understood and wrong: sentences for the whole, and one for each field at fault."""

    def __init__(self, *messages: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(*messages)
        self.messages: Sequence[str] = messages
        self.fields: Mapping[str, str] = fields or {}

    def __str__(self) -> str:
        return "; ".join([*self.messages, *(f"{name}: {text}" for name, text in self.fields.items())])


class JqlSyntaxError(Invalid):
    """The query cannot be read; the sentence says what was expected and where."""


class NotThere(JiraError):
    """Missing, deleted or hidden: Jira Cloud answers all three alike, so that nobody learns what exists."""


class NoIssue(NotThere):
    """No issue has this id or key, or it is deleted; each flavour has its own sentence."""

    def __str__(self) -> str:
        return "There is no such issue."


class HiddenIssue(NoIssue):
    """The issue is there and this caller may not browse it. Cloud does not tell; Data Center does [jira 2.3, 2.8]."""


class Hidden(NotThere):
    """There, and not for this caller, which Data Center tells."""


class NoLinking(NotThere):
    """The caller may not link issues there. Cloud does not tell; Data Center asks for a login [jira 5.10]."""


class EmptyNotFound(JiraError):
    """Missing, and Jira says so without a body."""


class Forbidden(JiraError):
    """Seen, but this caller may not do that to it."""


class Taken(JiraError):
    """There is one already, or something else still needs what is to go; Jira calls that a conflict."""


class NotYours(JiraError):
    """Seen, but this caller may not look into its configuration; Jira says so with 401."""


class NoWatching(Forbidden):
    """The caller may not say who watches an issue. Data Center says so with 401 [jira 5.10]."""


class NoWork(Forbidden):
    """Time may not be logged or changed by this caller: a fault of the request on Cloud, a refusal on Data Center."""


class NotAuthorised(JiraError):
    """Seen, but this caller may not administer it; told with 401 where Atlassian's document says so."""


class CredentialNeeded(JiraError):
    """The route is closed to anonymous callers."""


class BadBearer(JiraError):
    """A bearer token on the site's own host, where only Connect apps use one."""


class BadPassword(JiraError):
    """Basic authentication refused with a page, as Data Center does on every route."""


class PasswordsDeprecated(JiraError):
    """Basic authentication refused, for sites that are set to refuse instead of falling back to anonymous."""


class BulkRefused(JiraError):
    """A bulk operation that cannot be; it has an envelope of its own. `status` is 400 or 403 [jira 2.1]."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Gone(JiraError):
    """The operation was there once and has been removed."""


class Conflict(JiraError):
    """What is asked for does not go together with what is there."""


class TooMuch(JiraError):
    """More than one issue may hold, or more bytes than a file may have."""


class FileTooLarge(TooMuch):
    """A file of more bytes than the site takes, which Data Center answers as if the issue were not there."""


class XsrfBlocked(JiraError):
    """An upload that does not say with X-Atlassian-Token that no web page tricked a browser into it."""


class Conversion(JiraError):
    """A query parameter has a value of the wrong kind."""


class UnsupportedMedia(JiraError):
    """The request's content type is missing or not JSON; noticed before anybody asks who is calling."""


class ServerTrouble(JiraError):
    """Jira trips over its own feet, as it is known to do for this request."""


class NotImitated(JiraError):
    """Jira has this and the fake does not; it says so instead of guessing. See LIMITS.md."""


class GatewayRefusal(JiraError):
    """Atlassian's gateway turns a request away before the site sees it."""


class DeadToken(GatewayRefusal):
    """No credential, or one that has expired, was revoked, or never was one; `status` is what the gateway answers."""

    def __init__(self, status: int = 401) -> None:
        super().__init__()
        self.status = status


class ScopeMismatch(GatewayRefusal):
    """The token's scopes do not cover the operation; which one is missing is never said [jira 2.4]."""


class NoSuchSite(GatewayRefusal):
    """The gateway knows no such site, or nothing that this token may do there."""


class HeaderTooLarge(GatewayRefusal):
    """The token has so many scopes that it does not fit into a header."""


class OAuthRefusal(JiraError):
    """The token endpoint says no."""


class BadClient(OAuthRefusal):
    """The app is unknown, or its secret is wrong."""


class BadCode(OAuthRefusal):
    """The authorisation code is unknown, used, too old, or another's."""


class BadRefreshToken(OAuthRefusal):
    """The refresh token is unknown, used, too old, or another's."""


class BadTokenRequest(OAuthRefusal):
    """The token request lacks something, or is none; the sentence says what."""


class UnsupportedGrantType(OAuthRefusal):
    """The token endpoint does not do this; the message is the type that was asked for."""


class NotSignedIn(JiraError):
    """Nobody is signed in, or signing in has failed; said in the classic form."""


class SignInDenied(JiraError):
    """Basic authentication refused whatever the password: the user has to answer a CAPTCHA in a browser first."""


class BasicDisabled(JiraError):
    """Basic authentication is switched off on this instance."""


class SignatureRefused(JiraError):
    """A request that is signed by OAuth 1.0a and not accepted: `problem` as OAuth's problem reporting names it."""

    def __init__(self, problem: str, **details: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.details = details


class ScopeExceeded(JiraError):
    """The scope of a Data Center's access token does not reach to this request."""

"""What can go wrong, in our words. No HTTP in it: `web/problems.py` says which code each one becomes."""


class ServiceError(Exception):
    """A mistake with a sentence for the person who made it: `str(error)`, which never holds a secret."""


class BadInput(ServiceError):
    """Something given to us is missing, malformed or out of range."""


class MissingParameter(BadInput):
    """A mandatory parameter is missing, empty or repeated."""


class InvalidToken(ServiceError):
    """No credential, or one that nobody has."""


class PermissionDenied(ServiceError):
    """A known user who may not do this."""


class IntegrationNotFound(ServiceError):
    """No integration has this connection name."""


class ViolationNotFound(ServiceError):
    """No violation has this id."""


class NameTaken(ServiceError):
    """Another integration or user has this name."""


class EditedMeanwhile(ServiceError):
    """An integration was changed by somebody else while the values given for it were tested."""


class ConsentDenied(BadInput):
    """Somebody was asked in Jira for access and did not give it."""


class ConnectionRefused(ServiceError):
    """An integration could not be verified with the values given, so nothing was created or changed (R5)."""


class RunNotFound(ServiceError):
    """The integration has no run with this id."""


class RunEnded(ServiceError):
    """The run has ended already, so it cannot be cancelled."""


class TicketPending(ServiceError):
    """A ticket for this violation may or may not have been made; until that is known a second one is refused (R6)."""


class JiraRefused(ServiceError):
    """Jira did not make the ticket, and said why."""


class JiraUnavailable(ServiceError):
    """Jira could not be reached, so what was asked for was not done."""


class StoreUnavailable(ServiceError):
    """Our own database does not answer."""


class ServiceStopping(ServiceError):
    """What was asked for was given up, because this process is about to end."""


class SettingInvalid(ServiceError):
    """A setting from the environment or the command line cannot be used."""

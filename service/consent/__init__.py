"""Has a person agree in Jira: OAuth 1.0a and OAuth 2.0, from the first step to the grant. [jira 4.1-4.5]

`Consents.begin` says where to send the person's browser, `end` takes what the browser brings back, `choose` picks one
of several Jira sites. What must not be lost or seen in between (secrets, tokens, the verifier of PKCE) lies sealed in
the store, found by the hash of a state that works once, for the user who began, for ten minutes. Nothing here makes or
changes an integration: that is done with what was `Granted`.
"""

from service.consent.steps import Consents
from service.consent.values import Draft, Granted

__all__ = ["Consents", "Draft", "Granted"]

"""What Jira has and the fake has not, so that it can say so with 501 instead of guessing. LIMITS.md says it in words.

A path of a chapter that Jira has is taken for one of Jira's unless it is below a path that is served in full.
"""

import re

SERVED_IN_FULL = re.compile(
    r"/rest/api/(2|3|latest)/(serverInfo|myself|mypermissions|search(/jql|/approximate-count)?|jql/match|"
    r"statuscategory(/[^/]+)?|status(/[^/]+)?|issue/bulkfetch|issue/[^/]+/(transitions|assignee|editmeta))"
)
CHAPTERS = re.compile(
    r"/rest/api/(2|3|latest)/(announcementBanner|app|application-properties|applicationrole|attachment|auditing|avatar|"
    r"bulk|changelog|classification-levels|comment|component|config|configuration|customFieldOption|dashboard|"
    r"data-policy|events|expression|field|fieldconfiguration|fieldconfigurationscheme|filter|group|groups|"
    r"groupuserpicker|instance|issue|issueLink|issueLinkType|issues|issuesecurityschemes|issuetype|issuetypescheme|"
    r"issuetypescreenscheme|jql|label|license|mypreferences|notificationscheme|permissions|permissionscheme|plans|"
    r"priority|priorityscheme|project|project-template|projectCategory|projects|projectvalidate|redact|resolution|role|"
    r"screens|screenscheme|securitylevel|settings|statuses|task|uiModifications|universal_avatar|user|users|version|"
    r"webhook|workflow|workflows|workflowscheme|worklog|myself|search)(/.*)?|"
    r"/rest/(agile|auth|greenhopper|internal|servicedeskapi|webhooks|atlassian-connect|forge)/.*"
)
SHADOWED = re.compile(
    r"/rest/api/(2|3|latest)/(issue/(archive|unarchive|picker|properties|watching)|priority/(default|move|search)|"
    r"project/(recent|type)|resolution/(default|move|search))"
)
WITH_MORE_METHODS = re.compile(
    r"/rest/api/(2|3|latest)/(project|project/[^/]+|issuetype|issuetype/[^/]+|field|priority|priority/[^/]+|resolution|"
    r"resolution/[^/]+|user)"
)
METHODS = {"GET", "POST", "PUT", "DELETE"}


def sentence(method: str, path: str) -> str:
    return f"{method} {path} is outside of what this fake Jira imitates, see LIMITS.md."


def is_jiras(method: str, path: str) -> bool:
    """Whether Jira has a route here that the fake does not."""
    return method in METHODS and bool(CHAPTERS.fullmatch(path)) and not SERVED_IN_FULL.fullmatch(path)


def has_other_methods(method: str, path: str) -> bool:
    """Whether Jira has this method on a path where the fake has only others."""
    return is_shadowed(path) or (method in METHODS - {"GET"} and WITH_MORE_METHODS.fullmatch(path) is not None)


def is_shadowed(path: str) -> bool:
    """Whether a word of Jira's stands where the fake's route would take it for an id or a key."""
    return SHADOWED.fullmatch(path) is not None

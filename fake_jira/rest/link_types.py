"""Types of links between issues [jira 5.10]."""

from flask import Response

from fake_jira.errors import CredentialNeeded, Invalid, NotThere
from fake_jira.model import links as verbs
from fake_jira.model.permissions import holds_globally
from fake_jira.model.records import LinkType
from fake_jira.rest import shapes
from fake_jira.rest.scene import scene, site, user
from fake_jira.rest.wire import ID, answer, body, chapter, done

link_types = chapter("link_types")


@link_types.get("/issueLinkType")
def get_issue_link_types() -> Response:
    """Get issue link types, by name."""
    here, kinds = scene(), sorted(site().state.link_types.values(), key=lambda each: each.name.lower())
    return answer({"issueLinkTypes": [shapes.link_type(here, each) for each in kinds]})


@link_types.get("/issueLinkType/<issue_link_type_id>")
def get_issue_link_type(issue_link_type_id: str) -> Response:
    """Get issue link type."""
    return answer(shapes.link_type(scene(), _find(issue_link_type_id)))


@link_types.post("/issueLinkType")
def create_issue_link_type() -> Response:
    """Create issue link type."""
    _administer()
    made = verbs.add_link_type(site(), *_words(None))
    site().state.renamed()
    return answer(shapes.link_type(scene(), made), 201)


@link_types.put("/issueLinkType/<issue_link_type_id>")
def update_issue_link_type(issue_link_type_id: str) -> Response:
    """Update issue link type; what the request leaves out stays."""
    _administer()
    kind = _find(issue_link_type_id)
    return answer(shapes.link_type(scene(), verbs.change_link_type(site(), kind, *_words(kind))))


@link_types.delete("/issueLinkType/<issue_link_type_id>")
def delete_issue_link_type(issue_link_type_id: str) -> Response:
    """Delete issue link type, with all links of it."""
    _administer()
    verbs.delete_link_type(site(), _find(issue_link_type_id))
    return done()


def _words(old: LinkType | None) -> tuple[str, str, str]:
    """The name and the words of both directions."""
    given = body()
    found = {name: given.get(name) or (getattr(old, name) if old else "") for name in ("name", "inward", "outward")}
    missing = [name for name, value in found.items() if not isinstance(value, str) or not value.strip()]
    if missing:
        raise Invalid(fields={name: f"The '{name}' of the link type is required." for name in missing})
    return found["name"], found["inward"], found["outward"]


def _administer() -> None:
    """For administrators; whoever is none is told that there is no such thing [Atlassian's documents]."""
    if user() is None:
        raise CredentialNeeded
    if not holds_globally(user(), "ADMINISTER"):
        raise NotThere("You do not have permission to change issue link types.")


def _find(type_id: str) -> LinkType:
    if not ID.fullmatch(type_id):
        raise Invalid(f"The issue link type id '{type_id}' is invalid.")
    kind = site().state.link_types.get(type_id)
    if kind is None:
        raise NotThere(f"No issue link type with id '{type_id}' found.")
    return kind

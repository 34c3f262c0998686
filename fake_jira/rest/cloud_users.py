"""Users as Jira Cloud alone has them: invited by address, listed, in bulk by account id, found by a sentence."""

from flask import Response

from fake_jira.errors import Forbidden, Invalid
from fake_jira.flavours import CLOUD
from fake_jira.model import people
from fake_jira.model.groups import groups_of
from fake_jira.model.user_query import matching
from fake_jira.rest import shapes
from fake_jira.rest.asking import asked_user, for_admins, slice_asked, strings
from fake_jira.rest.given import text_in
from fake_jira.rest.scene import flavour, scene, site, user, world
from fake_jira.rest.users import shown
from fake_jira.rest.wire import answer, body, chapter, done, listed, number, page, signed_in, text

cloud_users = chapter("cloud_users", CLOUD)
PRODUCTS = ("jira-software", "jira-core")
BULK = 200
MIGRATED = 100


@cloud_users.post("/user")
@for_admins
def create_user() -> Response:
    """Create user: an address that is known already leads to who has it."""
    given = body()
    email, products = text_in(given, "emailAddress") or "", strings(given, "products")
    if "@" not in email:
        raise Invalid(fields={"emailAddress": "You must specify a valid email address."})
    if "products" not in given:
        raise Invalid(fields={"products": "The products that the user may use must be given, at least an empty list."})
    if not set(products) <= set(PRODUCTS):
        raise Invalid(fields={"products": f"The products of this site are: {', '.join(PRODUCTS)}."})
    who = world().state.user(email)
    if who is None:
        name = text_in(given, "displayName") or email.partition("@")[0]
        who = people.add_user(site(), email, name, f"token of {email}", role="member" if products else "viewer")
    return answer(shown(who), 201)


@cloud_users.delete("/user")
@for_admins
def remove_user() -> Response:
    """Delete user: what they did is a former user's from now on."""
    people.remove_user(site(), asked_user())
    return done()


@cloud_users.get("/users")
def get_all_users_default() -> Response:
    """Get all users default."""
    return get_all_users()


@cloud_users.get("/users/search")
def get_all_users() -> Response:
    """Get all users: inactive and former ones too."""
    everybody = list(world().state.users.values()) if user() else []
    start, size = slice_asked()
    here = scene()
    return answer([shapes.user(here, each) for each in everybody[start : start + size]])


@cloud_users.get("/user/bulk")
@signed_in
def bulk_get_users() -> Response:
    """Bulk get users, by account ids; unknown ones are left out."""
    ids, start, size = listed("accountId"), number("startAt", 0), min(number("maxResults", 10), BULK)
    if not ids:
        raise Invalid("The accountId query parameter must be provided")
    here, known = scene(), world().state.users
    found = [known[each] for each in dict.fromkeys(ids) if each in known]
    return answer(page(found, lambda each: shapes.user(here, each), start, size))


@cloud_users.get("/user/bulk/migration")
@signed_in
def bulk_get_users_migration() -> Response:
    """Get account IDs for users: names and keys of the time before account ids."""
    names, keys = listed("username"), listed("key")
    if bool(names) == bool(keys):
        raise Invalid("Either the username or the key query parameter must be provided.")
    start, size = max(0, number("startAt", 0)), min(number("maxResults", 10), MIGRATED)
    found = []
    for asked in dict.fromkeys(names or keys or ()):
        for each in world().state.users.values():
            if asked.lower() == (each.name if names else each.key).lower():
                found.append({"username" if names else "key": asked, "accountId": each.account_id})
    return answer(found[start : start + size])


@cloud_users.get("/user/groups")
@signed_in
def get_user_groups() -> Response:
    """Get user groups."""
    here, who = scene(), asked_user()
    return answer([flavour().group(here, each) for each in groups_of(world().state, who)])


@cloud_users.get("/user/email")
@signed_in
def get_user_email() -> Response:
    """Get user email: for approved apps alone, and nobody who calls with a credential of a person is one."""
    raise Forbidden("The app is not allowed to see the addresses of users.")


@cloud_users.get("/user/email/bulk")
@signed_in
def get_user_email_bulk() -> Response:
    """Get user email bulk."""
    return get_user_email()


@cloud_users.get("/user/search/query")
@for_admins
def find_users_by_query() -> Response:
    """Find users by query: "is assignee of PROJ AND [key].path is 'value'"."""
    here = scene()
    found = matching(world().state, text("query"))
    start, size = max(0, number("startAt", 0)), min(number("maxResults", 100), 1000)
    return answer(page(found, lambda each: shapes.user(here, each), start, size))


@cloud_users.get("/user/search/query/key")
@for_admins
def find_user_keys_by_query() -> Response:
    """Find user keys by query."""
    found = matching(world().state, text("query"))
    start, size = max(0, number("startAt", 0)), min(number("maxResult", 100), 1000)
    return answer(page(found, lambda each: {"key": each.key, "accountId": each.account_id}, start, size))

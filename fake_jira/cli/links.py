"""`fake-jira ctl link` and `ctl pat`: application links and personal access tokens of a running fake Data Center."""

from pathlib import Path

import click

from fake_jira.cli.ctl import Terminal, terminal

LINK_COLUMNS = ("name", "oauth", "id", "scope", "redirect_uris", "callback")
TOKEN_COLUMNS = ("id", "user", "name", "expires", "token")


@click.group(no_args_is_help=False)
def link() -> None:
    """Application links (OAuth 1.0a and 2.0): consumer, client, list, grant, delete."""


@link.command("consumer")
@click.argument("key")
@click.option("--public-key", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
              help="A file with the RSA public key in PEM form.")  # fmt: skip
@click.option("--name", help="Else the key.")
@click.option("--callback", help="Used where a request names none.")
@terminal
def add_consumer(to: Terminal, /, key: str, public_key: Path, **given: str | None) -> None:
    """Let in an application that signs by OAuth 1.0a with its consumer KEY."""
    properties = {name: value for name, value in given.items() if value is not None}
    made = to.client.application_link(consumer_key=key, public_key=public_key.read_text("utf-8"), **properties)
    to.show(made, f"{made['name']} may come with the consumer key {made['id']}.")


@link.command("client")
@click.argument("name")
@click.option("--redirect-uri", "redirect_uris", multiple=True, required=True, help="May be repeated.")
@click.option("--scope", default="WRITE", show_default=True, help="READ, WRITE, ADMIN or SYSTEM_ADMIN.")
@terminal
def add_client(to: Terminal, name: str, redirect_uris: tuple[str, ...], scope: str) -> None:
    """Let in an application that comes by OAuth 2.0."""
    made = to.client.application_link(name=name, redirect_uris=list(redirect_uris), scope=scope)
    to.show(made, f"{made['name']}\nclient id: {made['client_id']}\nsecret: {made['client_secret']}")


@link.command("list")
@terminal
def list_links(to: Terminal) -> None:
    """All of them."""
    to.table(to.client.application_links(), LINK_COLUMNS, "There are no application links.")


@link.command("grant")
@click.argument("id_", metavar="ID")
@click.argument("user")
@click.option("--scope", help="Of OAuth 2.0; else all that the client may have.")
@terminal
def grant_link(to: Terminal, id_: str, user: str, scope: str | None) -> None:
    """Get the tokens that an application (consumer key or client ID) would get if USER said yes."""
    granted = to.client.grant_application_link(id_, user, scope)
    to.show(granted, "\n".join(f"{name}: {value}" for name, value in granted.items()))


@link.command("delete")
@click.argument("id_", metavar="ID")
@terminal
def delete_link(to: Terminal, id_: str) -> None:
    """Remove one by consumer key or client ID, with all that it was granted."""
    to.client.remove_application_link(id_)
    to.show({"deleted": id_}, f"{id_} is removed.")


@click.group(no_args_is_help=False)
def pat() -> None:
    """Personal access tokens: create, list, revoke."""


@pat.command("create")
@click.argument("user")
@click.option("--name", default="Made by a test", show_default=True)
@click.option("--days", type=click.IntRange(1), help="Else it is good for ever.")
@terminal
def create_token(to: Terminal, user: str, name: str, days: int | None) -> None:
    """Make a token of USER."""
    made = to.client.personal_token(user, name, days)
    to.show(made, str(made["token"]))


@pat.command("list")
@terminal
def list_tokens(to: Terminal) -> None:
    """Everybody's."""
    to.table(to.client.personal_tokens(), TOKEN_COLUMNS, "There are no personal access tokens.")


@pat.command("revoke")
@click.argument("number", type=int, metavar="ID")
@terminal
def revoke_token(to: Terminal, number: int) -> None:
    """End one by its ID."""
    to.client.revoke_personal_token(number)
    to.show({"revoked": number}, f"Token {number} is revoked.")

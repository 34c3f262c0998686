"""`fake-jira ctl app`: the developer console of a running fake Jira Cloud at the terminal."""

import click

from fake_jira.cli.ctl import Terminal, terminal

COLUMNS = ("name", "client_id", "owner", "scopes", "callbacks", "distributed")


@click.group(no_args_is_help=False)
def app() -> None:
    """Apps (OAuth 2.0): create, list, scopes, delete, grant."""


@app.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, help="May be repeated: --scope read:jira-work.")
@click.option("--callback", "callbacks", multiple=True, help="May be repeated.")
@click.option("--owner", help="E-mail address; else the first admin.")
@click.option("--client-id", help="Else one is drawn.")
@click.option("--client-secret", help="Else one is drawn.")
@click.option("--distributed", is_flag=True, help="Others than the owner may let it in.")
@terminal
def create(to: Terminal, /, name: str, **given: str | tuple[str, ...] | bool | None) -> None:
    """Make an app."""
    properties = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}
    made = to.client.app(name, **{key: value for key, value in properties.items() if value is not None})
    to.show(made, f"{made['name']}\nclient id: {made['client_id']}\nsecret: {made['client_secret']}")


@app.command("list")
@terminal
def list_apps(to: Terminal) -> None:
    """All apps."""
    rows = to.client.apps()
    if not to.as_json:
        rows = [{**row, **{name: "\n".join(row[name]) for name in ("scopes", "callbacks")}} for row in rows]
    to.table(rows, COLUMNS, "There are no apps.")


@app.command("scopes")
@click.argument("name")
@click.argument("scopes", nargs=-1, required=True, metavar="SCOPE...")
@terminal
def set_scopes(to: Terminal, name: str, scopes: tuple[str, ...]) -> None:
    """Set the scopes of an app (NAME or client id); what has been granted stays until people consent again."""
    changed = to.client.change_app(name, scopes=list(scopes))
    to.show(changed, f"{changed['name']} may ask for {', '.join(changed['scopes'])}.")


@app.command("delete")
@click.argument("name")
@terminal
def delete(to: Terminal, name: str) -> None:
    """Delete an app (NAME or client id) with all that was granted to it."""
    to.client.delete_app(name)
    to.show({"deleted": name}, f"{name} is deleted.")


@app.command("grant")
@click.argument("name")
@click.option("--user", help="E-mail address; else the app's owner.")
@click.option("--scope", "scopes", multiple=True, help="Else all of the app, and offline_access.")
@click.option("--site", "sites", multiple=True, help="A world; else this one.")
@terminal
def grant(to: Terminal, name: str, user: str | None, scopes: tuple[str, ...], sites: tuple[str, ...]) -> None:
    """Let an app (NAME or client id) in as its consent page would, and show the tokens."""
    asked = {"user": user, "scopes": list(scopes), "sites": list(sites)}
    made = to.client.grant(name, **{key: value for key, value in asked.items() if value})
    lines = [f"{made['user']} lets {name} in: {' '.join(made['scopes'])}", f"access token: {made['access_token']}"]
    if "refresh_token" in made:
        lines.append(f"refresh token: {made['refresh_token']}")
    to.show(made, "\n".join(lines))

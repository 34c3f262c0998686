"""Logging in and out."""

from flask import current_app, g, redirect, render_template, request, session, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from service.web import access
from service.web.pages.frame import routes

WRONG = "This user name and token do not belong together."


@routes.get("/")
def home() -> Response:
    """The Scans List is the front page."""
    return redirect(url_for("pages.scans"))


@routes.route("/login", methods=["GET", "POST"])
def log_in() -> Response | str | tuple[str, int]:
    """Name and token. Afterwards, the page that was asked for."""
    if request.method == "GET":
        if g.user is not None:
            return redirect(_own_page(request.args.get("next", "")))
        return render_template("login.html", next=request.args.get("next", ""), name="", problem=None)
    name, token = request.form.get("name", "").strip(), request.form.get("token", "").strip()
    wanted = request.form.get("next", "")
    if access.log_in(name, token) is None:
        return render_template("login.html", next=wanted, name=name, problem=WRONG), 401
    return redirect(_own_page(wanted))


@routes.post("/logout")
def logout() -> Response:
    """Forgets who was logged in."""
    session.clear()
    return redirect(url_for("pages.log_in"))


def _own_page(wanted: str) -> str:
    """`wanted` when it is the address of one of our pages, else the front page: nobody is sent anywhere else."""
    path, _, query = wanted.partition("?")
    if not path.startswith("/") or path.startswith("//") or set(wanted) & set("\\\r\n\t#"):
        return url_for("pages.scans")
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return url_for("pages.scans")
    if not endpoint.startswith(("pages.", "status_pages.")) or endpoint == "pages.log_in":
        return url_for("pages.scans")
    return f"{path}?{query}" if query else path

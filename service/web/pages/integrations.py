"""Administration > Xray Settings > Integrations: the list, its menu, and the runs of each. [ticket-status]"""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.errors import BadInput, RunEnded, ServiceError
from service.rules.health import Health, scopes_missing
from service.rules.tickets import Integration
from service.store import integrations as stored
from service.store import runs, tickets
from service.store.runs import Run
from service.web import connecting
from service.web.pages.frame import admin_only, complain, routes, say, status_routes
from service.web.parts import parts

HISTORY = 50  # runs


@dataclass(frozen=True, slots=True)
class Row:
    """An integration of the list."""

    integration: Integration
    last_run: Run | None
    tickets: int

    @property
    def unfinished(self) -> Run | None:
        return self.last_run if self.last_run is not None and self.last_run.ended_at is None else None

    @property
    def progress_url(self) -> str:
        return url_for("retrievals.list_retrievals", name=self.integration.name, limit=1)

    @property
    def cancel_url(self) -> str | None:
        run = self.unfinished
        return None if run is None else url_for("status_pages.cancel_run", name=self.integration.name, run_id=run.id)


@routes.get("/administration/integrations")
def integrations() -> str:
    """Every integration with health, last and next run."""
    with parts().store.read() as c:
        found = stored.all(c)
        last = runs.last(c, (one.id for one in found))
        totals = tickets.totals(c, (one.id for one in found))
    rows = [Row(one, last.get(one.id), totals.get(one.id, 0)) for one in found]
    return render_template("integrations.html", rows=rows)


@routes.get("/administration/integrations/<name>")
def integration(name: str) -> str:
    """One integration: health, progress, and its runs with causes and counts."""
    found = connecting.find(name)
    with parts().store.read() as c:
        history = runs.history(c, found.id, HISTORY)
        count = tickets.totals(c, [found.id]).get(found.id, 0)
    row = Row(found, history[0] if history else None, count)
    return render_template("integration.html", integration=found, row=row, runs=history)


@status_routes.route("/administration/integrations/<name>/settings", methods=["GET", "POST"])
@admin_only
def settings(name: str) -> Response | str:
    """[ticket-status] "Click on the “Retrieve Jira Tickets” toggle to select the state of the toggle", then Apply."""
    existing = connecting.find(name)
    if request.method == "GET":
        missing = connecting.lacking(existing, live=False)
        lacks = scopes_missing(missing) if missing else None
        return render_template("settings.html", integration=existing, lacks=lacks)
    on = request.form.get("retrieve_jira_tickets") == "true"
    try:
        connecting.switch(existing, on)
    except BadInput as error:  # said beside the toggle (R17)
        return render_template("settings.html", integration=existing, lacks=str(error), refused=True)
    if on == existing.retrieve_tickets:
        say("Nothing was changed.")
    elif on:
        say("Retrieval is on. Statuses appear as they are retrieved.")
    else:
        say("Retrieval is off. No status is shown for tickets of this integration.")
    return redirect(url_for("pages.integration", name=name))


@routes.post("/administration/integrations/<name>/test")
@admin_only
def test_integration(name: str) -> Response:
    """Verifies now; the verdict counts (R4)."""
    existing = connecting.find(name)
    verdict = parts().verification.verify(existing.id)
    (say if verdict.health is Health.HEALTHY else complain)(verdict.reason)
    return redirect(url_for("pages.integration", name=name))


@status_routes.post("/administration/integrations/<name>/retrieve")
@admin_only
def retrieve(name: str) -> Response:
    """Starts a run, or shows the one that is under way."""
    try:
        connecting.retrieve_now(connecting.find(name))
    except ServiceError as error:
        complain(error)
    return redirect(url_for("pages.integration", name=name))


@status_routes.post("/administration/integrations/<name>/cancel/<int:run_id>")
@admin_only
def cancel_run(name: str, run_id: int) -> Response:
    """Ends the run under way; what it has retrieved stays."""
    try:
        connecting.cancel_run(connecting.find(name), run_id)
    except RunEnded as error:
        complain(error)
    else:
        say("The retrieval was cancelled. What it had retrieved stays.")
    return redirect(url_for("pages.integration", name=name))


@routes.route("/administration/integrations/<name>/delete", methods=["GET", "POST"])
@admin_only
def delete_integration(name: str) -> Response | str:
    """Asks first."""
    existing = connecting.find(name)
    if request.method == "POST":
        connecting.remove(existing)
        say(f"{name} has been deleted.")
        return redirect(url_for("pages.integrations"))
    with parts().store.read() as c:
        count, _ = tickets.by_integration(c, existing.id, 1, 0)
    return render_template("delete.html", integration=existing, tickets=count)

"""A person fills in forms as they stand on a page, and goes where a page leads."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from scenarios.people import FORMS_IN_A_ROW, Person

FORMS = """
<form action="/search"><input name="q"></form>
<form method="post" action="/told">
  <input type="hidden" name="csrf" value="a&gt;b"> <input name="name" value="old"> <textarea name="why"></textarea>
  <select name="kind"><option value="one">1</option><option value="two" selected>2</option></select>
  <input type="radio" name="site" value="here"> <input type="checkbox" name="skip" value="true" checked>
  <button type="button" name="help" value="me">Help</button>
  <button name="answer" value="yes">Yes</button> <button name="answer" value="no">No</button>
</form>"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    app = Flask("pages")
    app.add_url_rule("/forms", view_func=lambda: FORMS, endpoint="forms")
    app.add_url_rule("/again", view_func=lambda: "<form method=post action=/again><input name=name></form>",
                     endpoint="again", methods=["GET", "POST"])  # fmt: skip

    @app.post("/told")
    def told() -> str:
        said = "&amp;".join(f"{name}={value}" for name, value in request.form.items())
        return f'<meta http-equiv="refresh" content="0; url=/end?{said}">'

    @app.get("/end")
    def end() -> str:
        said = " ".join(f"{name}={value}" for name, value in sorted(request.args.items()))
        return f'<p role="alert">It is\n {said}</p><form method="post" action="/again"><input name="name"></form>'

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def test_what_she_knows_is_filled_in_and_everything_else_is_left_as_it_stands(site: str) -> None:
    with closing(Person()) as person:
        page = person.fill_in(person.open(f"{site}/forms"), {"name": "new", "answer": "no", "unasked": "x"})
    assert page is not None
    assert page.alerts == ("It is answer=no csrf=a>b kind=two name=new skip=true why=",)


def test_without_a_button_that_she_means_she_presses_the_first_one(site: str) -> None:
    with closing(Person()) as person:
        page = person.fill_in(person.open(f"{site}/forms"), {"why": "because", "site": "there"})
    assert page is not None
    assert "answer=yes" in page.alerts[0]
    assert "site=there" in page.alerts[0]


def test_a_page_that_asks_for_nothing_she_knows_is_left_alone(site: str) -> None:
    with closing(Person()) as person:
        page = person.open(f"{site}/forms")
        assert person.fill_in(page, {"password": "x"}) is None
        assert person.go_through(page, {"password": "x"}) is page


def test_she_stops_at_an_alert_and_does_not_go_on_for_ever(site: str) -> None:
    with closing(Person()) as person:
        stopped = person.go_through(person.open(f"{site}/forms"), {"name": "new"})
        assert stopped.url.startswith(f"{site}/end?")
        asked = person.go_through(person.open(f"{site}/again"), {"name": "new"})
    assert asked.url == f"{site}/again"
    assert FORMS_IN_A_ROW < 20

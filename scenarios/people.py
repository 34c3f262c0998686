"""A person at a browser: opens pages, fills in forms with what she knows, and presses the button that she means.

Knows HTML forms and neither app. Scripts are not run, so what is filled in here can be filled in without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

FORMS_IN_A_ROW = 12  # nobody fills in more; a page that comes back for ever is given up


@dataclass
class Form:
    """A form as it stands on its page. A choice (radio, select) that nobody made is None."""

    action: str
    method: str
    fields: dict[str, str | None] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def asks_for(self, known: Mapping[str, str]) -> bool:
        """Whether the person knows something that this form wants to be told, or means one of its buttons."""
        return any(name in known for name in self.fields) or self._pressed(known) is not None

    def filled(self, known: Mapping[str, str]) -> dict[str, str]:
        """What is sent when the fields that she knows are filled in and her button is pressed, or the first one."""
        values = {name: known.get(name, value) for name, value in self.fields.items()}
        pressed = self._pressed(known) or next(iter(self.buttons), None)
        sent = {name: value for name, value in values.items() if value is not None}
        return sent | ({pressed[0]: pressed[1]} if pressed and pressed[0] else {})

    def _pressed(self, known: Mapping[str, str]) -> tuple[str, str] | None:
        return next((button for button in self.buttons if known.get(button[0]) == button[1]), None)


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was answered, with its forms, and the sentences that it raises its voice for."""

    url: str
    code: int
    text: str
    forms: tuple[Form, ...]
    alerts: tuple[str, ...]


class Person:
    """One person with one browser, which keeps cookies until it is closed."""

    def __init__(self) -> None:
        self._http = requests.Session()
        self._http.trust_env = False

    def open(self, url: str) -> Page:
        return self._ask("GET", url)

    def fill_in(self, page: Page, known: Mapping[str, str]) -> Page | None:
        """Fills in the form that asks for something that she knows, and presses its button; None if there is none."""
        form = next((each for each in page.forms if each.asks_for(known)), None)
        if form is None:
            return None
        return self._ask(form.method, urljoin(page.url, form.action), form.filled(known))

    def go_through(self, page: Page, known: Mapping[str, str]) -> Page:
        """Fills in one form after the other, for as long as one asks for something that she knows; the last page.

        A page that refuses what was filled in (by an alert, or by 400 and above) is the last one, too.
        """
        for _ in range(FORMS_IN_A_ROW):
            after = self.fill_in(page, known) if page.code < 400 and not page.alerts else None
            if after is None:
                return page
            page = after
        return page

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, url: str, fields: Mapping[str, str] | None = None) -> Page:
        part = "params" if method == "GET" else "data"
        answer = self._http.request(method, url, timeout=60, **{part: fields})  # type: ignore[arg-type]
        reader = _Reader()
        reader.feed(answer.text)
        if reader.leads_to is not None:
            return self._ask("GET", urljoin(answer.url, reader.leads_to))
        return Page(answer.url, answer.status_code, answer.text, tuple(reader.forms), tuple(reader.alerts))


class _Reader(HTMLParser):
    """Finds the forms of a page, its alerts, and where it leads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.alerts: list[str] = []
        self.leads_to: str | None = None  # where the page goes on to by itself
        self._form: Form | None = None
        self._within = ""  # the name of the select or textarea that is open
        self._alert: tuple[str, list[str]] | None = None  # the tag that ends it, and its words so far

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("role") == "alert":
            self._alert = tag, []
        if tag == "meta" and given.get("http-equiv") == "refresh":
            self.leads_to = given.get("content", "").partition("url=")[2] or None
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").upper())
            self.forms.append(self._form)
        elif self._form is not None:
            self._take(self._form, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in ("select", "textarea"):
            self._within = ""
        if self._alert is not None and tag == self._alert[0]:
            self.alerts.append(" ".join("".join(self._alert[1]).split()))
            self._alert = None

    def handle_data(self, data: str) -> None:
        if self._alert is not None:
            self._alert[1].append(data)

    def _take(self, form: Form, tag: str, given: dict[str, str]) -> None:
        """A field or button of the form, with what it would send as it stands."""
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "button" and given.get("type", "submit") == "submit":
            form.buttons.append((name, value))
        elif tag in ("select", "textarea"):
            self._within = name
            form.fields[name] = None if tag == "select" else ""
        elif tag == "option" and self._within and ("selected" in given or form.fields[self._within] is None):
            form.fields[self._within] = value
        elif tag == "input" and name:
            is_choice = given.get("type") in ("radio", "checkbox")
            form.fields[name] = value if not is_choice or "checked" in given else form.fields.get(name)

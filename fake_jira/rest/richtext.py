"""Rich text both ways: the Atlassian Document Format of v3 and the wiki text of v2 [jira 6.1].

A text is kept as it was given; the other form is made when it is asked for. From plain text come paragraphs and line
breaks; from a document its words with the wiki marks for headings, lists, code, links and emphasis.
"""

from typing import Any

import orjson

from fake_jira.errors import Invalid
from fake_jira.model.records import RichText

Node = dict[str, Any]
NOT_ADF = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
NOT_TEXT = "Operation value must be a string"
MARKS = {"strong": "*", "em": "_", "strike": "-", "underline": "+"}
DEPTH = 60


def as_document(text: RichText) -> Node:
    """The ADF of a text."""
    if text.document is not None:
        document: Node = orjson.loads(text.document)
        return document
    paragraphs = [part for part in text.text.replace("\r\n", "\n").split("\n\n") if part]
    return {"type": "doc", "version": 1, "content": [_paragraph(part) for part in paragraphs]}


def _paragraph(text: str) -> Node:
    content: list[Node] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            content.append({"type": "hardBreak"})
        if line:
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}


def as_html(text: RichText) -> str:
    """What renderedFields shows: the words in paragraphs."""
    escaped = text.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "\n".join(f"<p>{part}</p>" for part in escaped.replace("\n\n", "\0").replace("\n", "<br/>\n").split("\0"))


def read(version: str, field: str, value: Any) -> RichText | None:
    """A rich text from a request: ADF for v3, a string for v2; Invalid names the field."""
    if value is None:
        return None
    if version == "2":
        if not isinstance(value, str):
            raise Invalid(fields={field: NOT_TEXT})
        return RichText(value) if value else None
    if not isinstance(value, dict) or not is_document(value):
        raise Invalid(fields={field: NOT_ADF})
    return RichText(_text_of(value).strip("\n"), orjson.dumps(value))


def is_document(value: Node) -> bool:
    """Whether this is ADF as far as its frame goes: a doc of version 1, and nodes with types all the way down."""
    return (
        value.get("type") == "doc"
        and value.get("version") == 1
        and isinstance(value.get("content"), list)
        and all(_is_node(node, DEPTH) for node in value["content"])
    )


def _is_node(node: Any, depth: int) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("type"), str) or depth == 0:
        return False
    if node["type"] == "text" and not (isinstance(node.get("text"), str) and node["text"]):
        return False
    marks = node.get("marks") or []
    if not isinstance(marks, list) or not all(_is_mark(mark, depth) for mark in marks):
        return False
    if not _has_attributes(node, depth):
        return False
    content = node.get("content", [])
    return isinstance(content, list) and all(_is_node(child, depth - 1) for child in content)


def _is_mark(mark: Any, depth: int) -> bool:
    return isinstance(mark, dict) and isinstance(mark.get("type"), str) and _has_attributes(mark, depth)


def _has_attributes(node: Node, depth: int) -> bool:
    """Whether `attrs`, if there are any, are an object that can be sent back."""
    attributes = node.get("attrs") or {}
    return isinstance(attributes, dict) and _is_flat(attributes, depth)


def _is_flat(value: Any, depth: int) -> bool:
    """Whether there are at most `depth` levels."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth > 0 and all(_is_flat(each, depth - 1) for each in inner)


def _text_of(node: Node, bullet: str = "") -> str:
    """The wiki text of a node; a block ends with an empty line."""
    kind = node["type"]
    given = node.get("attrs")
    attributes: Node = given if isinstance(given, dict) else {}
    children = node.get("content", [])
    if kind == "text":
        return _marked(node)
    if kind == "hardBreak":
        return "\n"
    if kind in ("bulletList", "orderedList"):
        sign = bullet + ("*" if kind == "bulletList" else "#")
        return "".join(_item(child, sign) for child in children) + ("" if bullet else "\n")
    if kind == "rule":
        return "----\n\n"
    if kind in ("mention", "emoji", "status", "date"):
        return str(attributes.get("text") or attributes.get("shortName") or attributes.get("timestamp") or "")
    if kind in ("inlineCard", "blockCard"):
        return f"[{attributes.get('url', '')}]"
    inner = "".join(_text_of(child) for child in children)
    if kind == "paragraph":
        return f"{inner}\n\n"
    if kind == "heading":
        return f"h{attributes.get('level', 1)}. {inner}\n\n"
    if kind == "codeBlock":
        language = f":{attributes['language']}" if attributes.get("language") else ""
        return f"{{code{language}}}\n{inner}\n{{code}}\n\n"
    if kind == "blockquote":
        return f"{{quote}}\n{inner.strip()}\n{{quote}}\n\n"
    if kind == "tableRow":
        return f"|{inner}\n"
    if kind in ("tableCell", "tableHeader"):
        return f"{inner.strip()}|"
    return inner


def _item(item: Node, sign: str) -> str:
    lines = ""
    for child in item.get("content", []):
        if child["type"] in ("bulletList", "orderedList"):
            lines += _text_of(child, sign)
        else:
            lines += f"{sign} {_text_of(child).strip()}\n"
    return lines


def _marked(node: Node) -> str:
    text: str = node["text"]
    for mark in node.get("marks") or []:
        if mark.get("type") == "link":
            text = f"[{text}|{(mark.get('attrs') or {}).get('href', '')}]"
        elif mark.get("type") == "code":
            text = f"{{{{{text}}}}}"
        elif mark.get("type") in MARKS:
            text = f"{MARKS[mark['type']]}{text}{MARKS[mark['type']]}"
    return text

r"""Text -> tokens, each with the place where it began, for the sentences about mistakes [jira 2.5].

Outside quotes a word ends at white space, at an operator and at a bracket; some characters have to be quoted or
escaped (\u002f), and Jira says so.
"""

import re
from dataclasses import dataclass

from fake_jira.errors import JqlSyntaxError

RESERVED_CHARACTERS = set("{}*/%+^$#@?;[]\\")
OPERATORS = ("!=", "!~", "<=", ">=", "&&", "||", "=", "~", "<", ">", "&", "|", "!", "(", ")", ",")
_STOPS = set("=!<>~&|(),\"'") | RESERVED_CHARACTERS
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\", "'": "'", '"': '"', " ": " "}
_OPERATOR = re.compile("|".join(map(re.escape, OPERATORS)))
_PLAIN = re.compile(rf"[^\s{re.escape(''.join(sorted(_STOPS)))}]+")  # letters that mean nothing else
_FIELD_SUFFIX = re.compile(r"\[[^\]\n]*\](?:\.[\w.]+)?")  # cf[10001], issue.property[a.b].c


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: word, string (was quoted), operator or end."""

    kind: str
    text: str
    position: int
    end: int = 0  # where what follows begins

    def says(self, *words: str) -> bool:
        """Whether this is one of the keywords or operators; a quoted word never is."""
        return self.kind in ("word", "operator") and self.text.upper() in words


def complaint(query: str, position: int, sentence: str) -> JqlSyntaxError:
    """Jira's envelope around a sentence about a place in the query."""
    before = query[:position]
    line = before.count("\n") + 1
    character = position - (before.rfind("\n") + 1) + 1
    return JqlSyntaxError(f"Error in the JQL Query: {sentence} (line {line}, character {character})")


def tokens_of(query: str) -> list[Token]:
    """All tokens and an end. JqlSyntaxError for an open quote, a bad escape or a reserved character."""
    found: list[Token] = []
    at = 0
    while at < len(query):
        character = query[at]
        if character.isspace():
            at += 1
        elif character in "\"'":
            text, end = _quoted(query, at)
            found.append(Token("string", text, at, end))
            at = end
        else:
            operator = _OPERATOR.match(query, at)
            if operator:
                found.append(Token("operator", operator[0], at))
                at = operator.end()
            else:
                text, end = _bare(query, at)
                found.append(Token("word", text, at, end))
                at = end
    found.append(Token("end", "", len(query)))
    return found


def _quoted(query: str, start: int) -> tuple[str, int]:
    quote, at, text = query[start], start + 1, ""
    while at < len(query):
        if query[at] == quote:
            return _joined(text), at + 1
        if query[at] == "\\":
            letter, at = _escaped(query, at)
            text += letter
        else:
            text += query[at]
            at += 1
    raise complaint(query, start, f"The quoted string '{text}' has not been completed.")


def _bare(query: str, start: int) -> tuple[str, int]:
    at, text = start, ""
    while at < len(query) and not query[at].isspace():
        plain = _PLAIN.match(query, at)
        if plain:
            text += plain[0]
            at = plain.end()
        elif query[at] == "\\":
            letter, at = _escaped(query, at)
            text += letter
        elif query[at] == "[" and text and (suffix := _FIELD_SUFFIX.match(query, at)):
            text += suffix[0]
            at = suffix.end()
        elif query[at] in RESERVED_CHARACTERS:
            code = f"\\u{ord(query[at]):04x}"
            raise complaint(
                query,
                at,
                f"The character '{query[at]}' is a reserved JQL character. "
                f"You must enclose it in a string or use the escape '{code}' instead.",
            )
        else:
            break
    return _joined(text), at


def _joined(text: str) -> str:
    r"""\uXXXX is half a character where Java needs two for one; a half without the other is none at all."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _escaped(query: str, at: int) -> tuple[str, int]:
    letter = query[at + 1 : at + 2]
    if letter == "u" and re.fullmatch("[0-9a-fA-F]{4}", query[at + 2 : at + 6]):
        return chr(int(query[at + 2 : at + 6], 16)), at + 6
    if letter not in _ESCAPES:
        raise complaint(
            query,
            at,
            f"'\\{letter}' is an illegal JQL escape sequence. The valid escape sequences are "
            "\\', \\\", \\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX.",
        )
    return _ESCAPES[letter], at + 2

"""The ~ operator: words in a text, as far as Jira's text search is imitated.

Every word of the question must be there, in whatever case and order; `word*` is a beginning, `"two words"` within the
value a phrase. No stemming and no fuzzy search (LIMITS.md).
"""

import re
from collections.abc import Callable

from fake_jira.errors import NotImitated

_QUESTION = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"\w+")


def asked_in(question: str) -> Callable[[str], bool]:
    """Whether a text has what is asked for. NotImitated for fuzzy, proximity and boosted terms."""
    tests: list[Callable[[str], bool]] = []
    for phrase, term in _QUESTION.findall(question):
        if not term:
            tests.append(_phrase(phrase))
        elif term.upper() not in ("AND", "OR", "NOT"):
            if re.search(r"[~^?]", term) or term[0] in "+-!*" or "*" in term[:-1]:
                raise NotImitated(
                    f"The text search operator in '{term}' is outside the subset of this fake, see LIMITS.md."
                )
            tests.append(_beginning(term[:-1]) if term.endswith("*") else _phrase(term))
        else:
            raise NotImitated(f"'{term}' within a text search is outside the subset of this fake, see LIMITS.md.")
    return lambda text: bool(tests) and all(test(text) for test in tests)


def _phrase(words: str) -> Callable[[str], bool]:
    return _searched(words, r"\b")


def _beginning(letters: str) -> Callable[[str], bool]:
    return _searched(letters, "")


def _searched(words: str, end: str) -> Callable[[str], bool]:
    """A text that has these words in a row; signs alone are no word and are nowhere."""
    escaped = [re.escape(word) for word in _WORD.findall(words)]
    pattern = re.compile(r"\b" + r"\W+".join(escaped) + end, re.IGNORECASE)
    return lambda text: bool(escaped) and pattern.search(text) is not None

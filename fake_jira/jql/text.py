"""The ~ operator: words in a text, as far as Jira's text search is imitated.

Every word of the question must be there, in whatever case and order, unless AND, OR, NOT, + and - say otherwise;
"two words" within the value are a phrase, `wo?d` and `wo*` have letters left open. Words are cut down to their stems,
so that `fix` finds "fixed". No fuzzy search and no proximity (LIMITS.md).
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from fake_jira.errors import NotImitated

_TOKEN = re.compile(r'"([^"]*)"(~\d*)?|([()])|([^\s()"]+)')
_WORD = re.compile(r"\w+")
_ENDINGS = ("ing", "ed", "es", "s")
_VOWELS = set("aeiouy")
SHORTEST = 3  # letters of a stem


class Words(NamedTuple):
    """A text's words as they are written, and their stems."""

    written: Sequence[str]
    stems: Sequence[str]


Has = Callable[[Words], bool]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A word without its usual English endings; one with digits in it stays as it is."""
    if not word.isalpha() or not word.isascii():
        return word
    for ending in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= SHORTEST and not rest.endswith("s") and not _VOWELS.isdisjoint(rest):
            word = rest
            break
    if len(word) > SHORTEST and word[-1] == word[-2] and word[-1] not in _VOWELS | {"l", "s", "z"}:
        word = word[:-1]
    if len(word) > SHORTEST and word.endswith("e"):
        return word[:-1]
    return f"{word[:-1]}i" if len(word) >= SHORTEST and word.endswith("y") else word


def asked_in(question: str) -> Callable[[str], bool]:
    """Whether a text has what is asked for. NotImitated for fuzzy, proximity and open-ended terms."""
    asked = _Question(question)
    has = asked.either()

    def has_it(text: str) -> bool:
        written = _WORD.findall(text.lower())
        return asked.says_something and has(Words(written, [stem(word) for word in written]))

    return has_it


class _Question:
    """Reads Lucene's little language: OR binds less than standing beside each other, which means AND."""

    def __init__(self, question: str) -> None:
        self.tokens = [match.groups() for match in _TOKEN.finditer(question)]
        self.at = 0
        self.says_something = False

    def _next(self) -> str:
        """The bracket or bare word that is next; empty for a phrase and for the end."""
        if self.at >= len(self.tokens):
            return ""
        _, _, bracket, word = self.tokens[self.at]
        return bracket or word or ""

    def either(self) -> Has:
        tests = [self._all()]
        while self._next() in ("OR", "||"):
            self.at += 1
            tests.append(self._all())
        return lambda words: any(test(words) for test in tests)

    def _all(self) -> Has:
        tests: list[Has] = []
        while self.at < len(self.tokens) and self._next() not in ("OR", "||", ")"):
            if self._next() in ("AND", "&&"):
                self.at += 1
            else:
                tests.append(self._one())
        return lambda words: all(test(words) for test in tests)

    def _one(self) -> Has:
        phrase, distance, bracket, word = self.tokens[self.at]
        self.at += 1
        if word in ("NOT", "!"):
            test = self._one() if self.at < len(self.tokens) else _everything
            return lambda words: not test(words)
        if bracket == "(":
            inner = self.either()
            self.at += 1  # its end, if it is there
            return inner
        if word is None:
            if distance:
                raise _beyond(f'"{phrase}"{distance}')
            return self._row(phrase or bracket or "")
        if word[0] in "-!" and len(word) > 1:
            barred = self._term(word[1:])
            return lambda words: not barred(words)
        return self._term(word.removeprefix("+") or word)

    def _term(self, word: str) -> Has:
        word = re.sub(r"\^\d+(\.\d+)?$", "", word)  # a boost moves hits up and finds no others
        if "~" in word or word[:1] in ("*", "?"):
            raise _beyond(word)
        if "*" in word or "?" in word:
            self.says_something = True
            pattern = re.compile("".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in word.lower()))
            return lambda words: any(pattern.fullmatch(each) for each in words.written)
        return self._row(word)

    def _row(self, text: str) -> Has:
        """These words one after the other; signs alone are no word and are nowhere."""
        wanted = [stem(word) for word in _WORD.findall(text.lower())]
        if not wanted:
            return lambda _: False
        self.says_something = True
        first, count = wanted[0], len(wanted)
        if count == 1:
            return lambda words: first in words.stems
        return lambda words: any(
            list(words.stems[at : at + count]) == wanted for at in range(len(words.stems) - count + 1)
        )


def _everything(_: Words) -> bool:
    return True


def _beyond(term: str) -> NotImitated:
    return NotImitated(f"The text search operator in '{term}' is outside the subset of this fake, see LIMITS.md.")

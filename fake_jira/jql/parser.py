"""Tokens -> tree, by recursive descent, with Jira's words where something else was expected [jira 2.5]."""

from functools import lru_cache

from fake_jira.errors import Invalid, JqlSyntaxError
from fake_jira.jql.tokens import Token, complaint, tokens_of
from fake_jira.jql.tree import And, Call, Clause, Empty, Not, Operand, Or, Predicate, Query, Sort, Tree, Word

COMPARISONS = ("=", "!=", "<", ">", "<=", ">=", "~", "!~")
VALID = "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."
WAS_PREDICATES = ("AFTER", "BEFORE", "DURING", "ON", "BY")
CHANGE_PREDICATES = (*WAS_PREDICATES, "FROM", "TO")
DATES_OF_DURING = 2
SORTS = 7  # fields in ORDER BY [jira 5.7]
DEPTH = 100  # brackets and NOTs within each other; more is nobody's question
_RESERVED = """
    abort access add after alias all alter and any as asc audit avg before begin between boolean break by byte catch
    cf char character check checkpoint collate collation column commit connect continue count create current date
    decimal declare decrement default defaults define delete delimiter desc difference distinct divide do double drop
    else empty encoding end equals escape exclusive exec execute exists explain false fetch file field first float for
    from function go goto grant greater group having identified if immediate in increment index initial inner inout
    input insert int integer intersect intersection into is isempty isnull join last left less like limit lock long max
    min minus mode modify modulo more multiply next noaudit not notin nowait null number object of on option or order
    outer output power previous prior privileges public raise raw remainder rename resource return returns revoke right
    row rowid rownum rows select session set share size sqrt start strict string subtract sum synonym table then to
    trans transaction trigger true uid union unique update user validate values view was when whenever where while with
    changed"""
RESERVED = frozenset(_RESERVED.split())


@lru_cache(maxsize=64)  # a query of 5,000 ids weighs half a megabyte
def parse(text: str) -> Query:
    """The query. JqlSyntaxError with Jira's sentence and place."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.token
        self.at += token.kind != "end"
        return token

    def refusal(self, expected: str, hint: str = "") -> JqlSyntaxError:
        """'Expecting ... but got ...', or the form for a query that ends too early."""
        token, hint = self.token, f" {hint}" if hint else ""
        if token.kind == "end":
            return complaint(self.text, token.position, f"Expecting {expected} before the end of the query.{hint}")
        if token.kind == "word" and token.text.lower() in RESERVED and "field" not in expected and not hint:
            return complaint(
                self.text,
                token.position,
                f"'{token.text}' is a reserved JQL word. You must surround it in quotation marks to use it in a query.",
            )
        return complaint(self.text, token.position, f"Expecting {expected} but got '{token.text}'.{hint}")

    def query(self) -> Query:
        where = None
        if self.token.kind != "end" and not self.token.says("ORDER"):
            where = self.either()
        order = self.order() if self.token.says("ORDER") else ()
        if self.token.kind != "end":
            token = self.token
            expected = "','" if order else "either 'OR' or 'AND'"
            raise complaint(self.text, token.position, f"Expecting {expected} but got '{token.text}'.")
        return Query(where, order)

    def either(self) -> Tree:
        parts = [self.both()]
        while self.token.says("OR", "||", "|"):
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Tree:
        parts = [self.single()]
        while self.token.says("AND", "&&", "&"):
            self.take()
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def single(self) -> Tree:
        if not self.token.says("NOT", "!", "("):
            return self.clause()
        self.depth += 1
        if self.depth > DEPTH:
            raise complaint(self.text, self.token.position, "The query is nested too deeply.")
        if self.take().text == "(":
            tree = self.either()
            if not self.token.says(")"):
                raise self.refusal("')'")
            self.take()
        else:
            tree = Not(self.single())
        self.depth -= 1
        return tree

    def clause(self) -> Clause:
        if self.token.kind not in ("word", "string") or (
            self.token.kind == "word" and self.token.text.lower() in RESERVED
        ):
            raise self.refusal("a field name")
        field = self.take().text
        operator = self.operator()
        if operator == "CHANGED":
            return Clause(field, operator, (), self.predicates(CHANGE_PREDICATES))
        if operator.endswith("IN"):
            listed = self.token.says("(")
            operands = self.listed(field, operator)
            return Clause(field, operator, operands, self.after(operator), listed)
        operand = self.operand()
        if operator in ("IS", "IS NOT") and not isinstance(operand, Empty):
            raise complaint(
                self.text, self.tokens[self.at - 1].position, f"The operator '{operator}' takes only EMPTY or NULL."
            )
        return Clause(field, operator, (operand,), self.after(operator))

    def after(self, operator: str) -> tuple[Predicate, ...]:
        """What may follow the operand of a WAS."""
        return self.predicates(WAS_PREDICATES) if operator.startswith("WAS") else ()

    def predicates(self, known: tuple[str, ...]) -> tuple[Predicate, ...]:
        found: list[Predicate] = []
        while self.token.says(*known):
            name = self.take().text.upper()
            operands = self.many() if self.token.says("(") else (self.operand(),)
            if name == "DURING" and len(operands) != DATES_OF_DURING:
                raise complaint(self.text, self.token.position, "The predicate 'during' takes two dates.")
            found.append(Predicate(name, operands))
        return tuple(found)

    def operator(self) -> str:
        token = self.token
        if token.kind == "operator" and token.text in COMPARISONS:
            return self.take().text
        if token.says("IN"):
            self.take()
            return "IN"
        if token.says("IS"):
            self.take()
            if self.token.says("NOT"):
                self.take()
                return "IS NOT"
            return "IS"
        if token.says("NOT") and self.tokens[self.at + 1].says("IN"):
            self.at += 2
            return "NOT IN"
        if token.says("CHANGED"):
            self.take()
            return "CHANGED"
        if token.says("WAS"):
            self.take()
            operator = "WAS"
            for word in ("NOT", "IN"):
                if self.token.says(word):
                    operator += f" {self.take().text.upper()}"
            return operator
        raise self.refusal("operator", VALID)

    def listed(self, field: str, operator: str) -> tuple[Operand, ...]:
        """A list, or a function that stands for one; a single value is no list."""
        if self.token.says("("):
            return self.many()
        operand = self.operand()
        if isinstance(operand, Word):
            written = self.text[slice(*operand.span)]
            raise Invalid(
                f"Operator '{operator.lower()}' does not support the non-list value '{written}' for field '{field}'."
            )
        return (operand,)

    def many(self) -> tuple[Operand, ...]:
        self.take()
        operands = [self.operand()]
        while self.token.says(","):
            self.take()
            operands.append(self.operand())
        if not self.token.says(")"):
            raise self.refusal("either ',' or ')'")
        self.take()
        return tuple(operands)

    def operand(self) -> Operand:
        token = self.token
        if token.says("EMPTY", "NULL"):
            self.take()
            return Empty()
        if token.kind == "string" or (token.kind == "word" and token.text.lower() not in RESERVED):
            self.take()
            if self.token.says("("):
                return self.call(token.text)
            return Word(token.text, (token.position, token.end))
        raise self.refusal("either a value, list or function")

    def call(self, name: str) -> Call:
        self.take()
        found: list[Token] = []
        while not self.token.says(")"):
            if self.token.kind not in ("word", "string"):
                raise self.refusal("a function argument")
            found.append(self.take())
            if self.token.says(","):
                self.take()
                if self.token.says(")"):
                    raise self.refusal("a function argument")
            elif not self.token.says(")"):
                raise self.refusal("either ',' or ')'")
        self.take()
        return Call(name, tuple(each.text for each in found), tuple((each.position, each.end) for each in found))

    def order(self) -> tuple[Sort, ...]:
        self.take()
        if not self.token.says("BY"):
            raise self.refusal("'by'")
        self.take()
        sorts = [self.sort()]
        while self.token.says(","):
            self.take()
            sorts.append(self.sort())
        if len(sorts) > SORTS:
            raise Invalid(f"A query can be ordered by at most {SORTS} fields.")
        return tuple(sorts)

    def sort(self) -> Sort:
        if self.token.kind not in ("word", "string") or self.token.says("ASC", "DESC"):
            raise self.refusal("a field name")
        field = self.take().text
        if self.token.says("ASC", "DESC"):
            return Sort(field, self.take().text.upper() == "DESC", said=True)
        return Sort(field, field.lower() in DATES_FIRST)


DATES_FIRST = {"created", "createddate", "updated", "updateddate", "priority"}  # sorted downwards unless told otherwise

"""Our flat template in the languages of other generators, made from its syntax tree so that nobody has to keep copies.

What it knows is what the theme uses: names, attributes, `and`, `or`, `not`, `==`, `if`, `for`, `loop.first`. Anything else
stops the translation: a peer must never be measured on another page than ours.
"""

import re
from collections.abc import Sequence

import jinja2
from jinja2 import nodes

_IN_LINK = re.compile(r'(?:href|src)="[^"<>]*$')
_IN_SCRIPT = re.compile(r"<script[^>]*>$")


class UntranslatableError(Exception):
    """The theme uses something that `benchmarks/translate.py` does not know yet; its words say what and where."""


def translate(flat: str, dialect: "Dialect") -> str:
    """The template `flat` (Jinja2, one page record named `page`) in another dialect.

    Raises:
        UntranslatableError: a construct is not known here.
    """
    tree = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True).parse(flat)
    return dialect.head + _Translation(dialect).body(tree.body)


class Dialect:
    """Jinja2 and Nunjucks, whose common part is all that the theme needs; `root` is what `page` is called there."""

    head = ""

    def __init__(self, root: str = "page") -> None:
        self.root = root
        self.variables: list[str] = []

    def text(self, text: str) -> str:
        if "{{" in text or "{%" in text or "{#" in text:
            raise UntranslatableError(f"the text {text[:60]!r} holds marks of a template")
        return text

    def show(self, value: str, before: str) -> str:
        return "{{ " + value + (" | safe" if _IN_SCRIPT.search(before) else "") + " }}"

    def when(self, test: str) -> str:
        return "{% if " + test + " %}"

    def otherwise_when(self, test: str) -> str:
        return "{% elif " + test + " %}"

    otherwise = "{% else %}"
    end_if = "{% endif %}"
    end_for = "{% endfor %}"

    def each(self, variable: str, values: str) -> str:
        return "{% for " + variable + " in " + values + " or [] %}"

    def name(self, name: str) -> str:
        return name if name in self.variables else self.root

    def first_of(self, variable: str) -> str:
        del variable
        return "loop.first"

    def every(self, parts: Sequence[str], word: str) -> str:
        return "(" + f" {word} ".join(parts) + ")"

    def negated(self, value: str) -> str:
        return f"(not {value})"

    def equal(self, left: str, right: str) -> str:
        return f"({left} == {right})"

    def constant(self, value: str) -> str:
        return '"' + value.replace('"', '\\"') + '"'


class GoDialect(Dialect):
    """Go's html/template as Hugo runs it. The record is a parameter of the page.

    Go rewrites a link whose scheme it does not know, such as `tel:`, so whole links are marked as safe; they are still
    escaped as attributes.
    """

    def __init__(self, root: str = ".Params.record") -> None:
        super().__init__("$page")
        self.head = "{{- $page := " + root + " -}}\n"

    def show(self, value: str, before: str) -> str:
        if _IN_SCRIPT.search(before):
            return "{{ safeJS " + value + " }}"
        if _IN_LINK.search(before):
            return "{{ safeURL " + value + " }}"
        return "{{ " + value + " }}"

    def when(self, test: str) -> str:
        return "{{ if " + test + " }}"

    def otherwise_when(self, test: str) -> str:
        return "{{ else if " + test + " }}"

    otherwise = "{{ else }}"
    end_if = "{{ end }}"
    end_for = "{{ end }}"

    def each(self, variable: str, values: str) -> str:
        return "{{ range $number_of_" + variable + ", $" + variable + " := " + values + " }}"

    def name(self, name: str) -> str:
        return f"${name}" if name in self.variables else self.root

    def first_of(self, variable: str) -> str:
        return f"(eq $number_of_{variable} 0)"

    def every(self, parts: Sequence[str], word: str) -> str:
        return f"({word} {' '.join(parts)})"

    def equal(self, left: str, right: str) -> str:
        return f"(eq {left} {right})"


class _Translation:
    """One walk over one tree; `_written` is the text right before what is being translated."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._written = ""

    def body(self, found: Sequence[nodes.Node]) -> str:
        return "".join([self._node(node) for node in found])

    def _node(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Output):
            return "".join([self._output(each) for each in node.nodes])
        if isinstance(node, nodes.If):
            return self._if(node)
        if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
            return self._for(node, node.target.name)
        raise _unknown(node)

    def _output(self, node: nodes.Expr) -> str:
        if isinstance(node, nodes.TemplateData):
            self._written = (self._written + node.data)[-400:]
            return self._dialect.text(node.data)
        return self._dialect.show(self._value(node), self._written)

    def _if(self, node: nodes.If) -> str:
        parts = [self._dialect.when(self._value(node.test)), self.body(node.body)]
        for branch in node.elif_:
            parts += [self._dialect.otherwise_when(self._value(branch.test)), self.body(branch.body)]
        if node.else_:
            parts += [self._dialect.otherwise, self.body(node.else_)]
        return "".join([*parts, self._dialect.end_if])

    def _for(self, node: nodes.For, variable: str) -> str:
        if node.else_ or node.test or node.recursive:
            raise _unknown(node)
        start = self._dialect.each(variable, self._value(node.iter))
        self._dialect.variables.append(variable)
        body = self.body(node.body)
        self._dialect.variables.pop()
        return start + body + self._dialect.end_for

    def _value(self, node: nodes.Node) -> str:
        dialect = self._dialect
        if isinstance(node, nodes.Name) and node.name in ("page", *dialect.variables):
            return dialect.name(node.name)
        if isinstance(node, nodes.Getattr):
            if isinstance(node.node, nodes.Name) and node.node.name == "loop" and node.attr == "first":
                return dialect.first_of(dialect.variables[-1])
            return f"{self._value(node.node)}.{node.attr}"
        if isinstance(node, nodes.And | nodes.Or):
            word = "and" if isinstance(node, nodes.And) else "or"
            return dialect.every([self._value(node.left), self._value(node.right)], word)
        if isinstance(node, nodes.Not):
            return dialect.negated(self._value(node.node))
        if isinstance(node, nodes.Const) and isinstance(node.value, str):
            return dialect.constant(node.value)
        if isinstance(node, nodes.Compare) and len(node.ops) == 1 and node.ops[0].op == "eq":
            return dialect.equal(self._value(node.expr), self._value(node.ops[0].expr))
        raise _unknown(node)


def _unknown(node: nodes.Node) -> UntranslatableError:
    return UntranslatableError(
        f"line {node.lineno} of the flat template: {type(node).__name__} is not known to benchmarks/translate.py. "
        "Teach it there; no peer was measured."
    )

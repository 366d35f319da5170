"""A parsed Jinja2 template as one straight Python function: the same text, four times sooner.

Jinja2's own code yields piece after piece through generators and looks every attribute up by its name, since it cannot
know what it will meet. The templates of our second stage only print, choose and repeat, over frozen records; so their
syntax tree is turned into Python's, and what is printed between two choices becomes one f-string.

This limits nobody: for a template that uses anything else (a filter, a call, a macro) there is no such function, and
the caller keeps Jinja2's. The tests hold the texts of both against each other.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import Any

from jinja2 import nodes
from markupsafe import _escape_inner, escape  # type: ignore[attr-defined]

_COMPARISONS: Mapping[str, type[ast.cmpop]] = {
    "eq": ast.Eq,
    "ne": ast.NotEq,
    "lt": ast.Lt,
    "lteq": ast.LtE,
    "gt": ast.Gt,
    "gteq": ast.GtE,
    "in": ast.In,
    "notin": ast.NotIn,
}

_LOOP_FACTS: Mapping[str, Callable[[str, str], ast.expr]] = {
    "index": lambda number, _items: ast.BinOp(_name(number), ast.Add(), ast.Constant(1)),
    "index0": lambda number, _items: _name(number),
    "first": lambda number, _items: _equal(_name(number), ast.Constant(0)),
    "last": lambda number, items: _equal(ast.BinOp(_name(number), ast.Add(), ast.Constant(1)), _length(items)),
    "length": lambda _number, items: _length(items),
}
"""What a template may ask of `loop`, as Python, from the names of the item's number, from 0, and of all items."""


class _UnknownNodeError(Exception):
    """The template uses something that only Jinja2 knows."""


def compile_template(template: nodes.Template, name: str) -> CodeType | None:
    """The template as code for `function_of`; `None` where it does more than print, choose and repeat.

    `template` was parsed by an environment that escapes; `name` stands in tracebacks.
    """
    try:
        body = _Translation().statements(template.body)
    except _UnknownNodeError:
        return None
    # Made by hand, not with `ast.parse`: that keeps a count in one place for all threads of a process (Python 3.11), and
    # fails where another thread parses in the midst of it.
    function = ast.Module([_function(body)], [])
    # Text of the template is a constant of the tree, so nothing of it can become code.
    return compile(ast.fix_missing_locations(function), name, "exec")


def function_of(code: CodeType) -> Callable[[object], str]:
    """The function from a page record to its text, of what `compile_template` gave.

    It raises `AttributeError` where a record lacks what the template asks for; an attribute is never a key of a mapping
    here.
    """
    # The C function itself: `markupsafe.escape` would wrap each of a page's 400 texts in an object, four times slower.
    scope: dict[str, Any] = {"escape_text": _escape_inner, "escape_other": _escape_other}
    exec(code, scope)  # noqa: S102  (code that this module made)
    render: Callable[[object], str] = scope["render"]
    return render


def _escape_other(value: object) -> str:
    """What is no plain text as HTML: ready HTML stays as it is, a number becomes its digits."""
    return str(value) if type(value) is int else str(escape(value))


class _Translation:
    """One template on its way to Python.

    `names` maps the template's names in scope to Python's. `loop` are Python's names for the number and the items of
    the innermost loop, empty outside of loops.
    """

    def __init__(self) -> None:
        self.names = {"page": "page"}
        self.loop: dict[str, str] = {}
        self.loops_count = 0

    def statements(self, body: Sequence[nodes.Node]) -> list[ast.stmt]:
        return [self._statement(node) for node in body]

    def _statement(self, node: nodes.Node) -> ast.stmt:
        match node:
            case nodes.Output():
                return _append([self._shown(part) for part in node.nodes])
            case nodes.If():
                return self._choice([node, *node.elif_], node.else_)
            case nodes.For(target=nodes.Name(name=name), test=None, else_=[], recursive=False) if name != "loop":
                return self._repetition(node, name)
        raise _UnknownNodeError

    def _shown(self, node: nodes.Node) -> ast.expr:
        """A text of the template as it stands; a value as HTML, by the short way where it is plain text."""
        if isinstance(node, nodes.TemplateData):
            return ast.Constant(node.data)
        kept = ast.NamedExpr(ast.Name("value", ast.Store()), self._value(node))
        is_text = ast.Compare(_call("type", kept), [ast.Is()], [_name("str")])
        return ast.IfExp(is_text, _call("escape_text", _name("value")), _call("escape_other", _name("value")))

    def _choice(self, branches: Sequence[nodes.If], otherwise: Sequence[nodes.Node]) -> ast.stmt:
        first, *others = branches
        orelse = [self._choice(others, otherwise)] if others else self.statements(otherwise)
        return ast.If(self._value(first.test), self.statements(first.body) or [ast.Pass()], orelse)

    def _repetition(self, node: nodes.For, name: str) -> ast.stmt:
        source, outer, outer_loop = self._value(node.iter), self.names, self.loop
        self.loops_count += 1
        item, number, items = (f"{kind}_{self.loops_count}" for kind in ("item", "number", "items"))
        self.names, self.loop = outer | {name: item}, {"number": number, "items": items}
        body = self.statements(node.body) or [ast.Pass()]
        self.names, self.loop = outer, outer_loop
        target: ast.expr = ast.Name(item, ast.Store())
        if any(used.name == "loop" for used in node.find_all(nodes.Name)):
            kept = ast.NamedExpr(ast.Name(items, ast.Store()), _call("tuple", source))
            source, target = _call("enumerate", kept), ast.Tuple([ast.Name(number, ast.Store()), target], ast.Store())
        return ast.For(target, source, body, [])

    def _value(self, node: nodes.Node) -> ast.expr:
        match node:
            case nodes.Const():
                return ast.Constant(node.value)
            case nodes.Name() if node.name in self.names:
                return _name(self.names[node.name])
            case nodes.Getattr(node=nodes.Name(name="loop")) if self.loop and node.attr in _LOOP_FACTS:
                return _LOOP_FACTS[node.attr](self.loop["number"], self.loop["items"])
            case nodes.Getattr():
                return ast.Attribute(self._value(node.node), node.attr, ast.Load())
            case nodes.Getitem(arg=nodes.Const(value=int() as place)):
                return ast.Subscript(self._value(node.node), ast.Constant(place), ast.Load())
            case nodes.Not():
                return ast.UnaryOp(ast.Not(), self._value(node.node))
            case nodes.And() | nodes.Or():
                both = ast.And() if isinstance(node, nodes.And) else ast.Or()
                return ast.BoolOp(both, [self._value(node.left), self._value(node.right)])
            case nodes.CondExpr(expr2=nodes.Expr() as other):
                return ast.IfExp(self._value(node.test), self._value(node.expr1), self._value(other))
            case nodes.Compare():
                signs = [_COMPARISONS[part.op]() for part in node.ops]
                return ast.Compare(self._value(node.expr), signs, [self._value(part.expr) for part in node.ops])
        raise _UnknownNodeError


def _function(body: Sequence[ast.stmt]) -> ast.stmt:
    """`def render(page): pieces = [] … return "".join(pieces)`."""
    first = ast.Assign([ast.Name("pieces", ast.Store())], ast.List([], ast.Load()))
    last = ast.Return(ast.Call(ast.Attribute(ast.Constant(""), "join", ast.Load()), [_name("pieces")], []))
    parameters = ast.arguments([], [ast.arg("page")], None, [], [], None, [])
    return ast.FunctionDef("render", parameters, [first, *body, last], [])


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _call(function: str, argument: ast.expr) -> ast.expr:
    return ast.Call(_name(function), [argument], [])


def _equal(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [ast.Eq()], [right])


def _length(items: str) -> ast.expr:
    return _call("len", _name(items))


def _append(pieces: Sequence[ast.expr]) -> ast.stmt:
    """`pieces.append(f"…")` of all that is printed in a row."""
    parts: list[ast.expr] = [
        piece if isinstance(piece, ast.Constant) else ast.FormattedValue(piece, -1) for piece in pieces
    ]
    whole = ast.JoinedStr(parts) if len(pieces) > 1 else pieces[0]
    return ast.Expr(ast.Call(ast.Attribute(_name("pieces"), "append", ast.Load()), [whole], []))

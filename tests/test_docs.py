"""The documents say what the program does: commands, options, fields, rules, links, pictures, examples.

Tables between `<!-- table: NAME -->` and `<!-- end of table -->` are made from the program; people write around them,
and in tables of fields the last column, which is kept. `python tests/test_docs.py --write` makes the tables anew.
"""

import argparse
import ast
import inspect
import json
import re
import shlex
import struct
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from nok import config, messages
from nok.config import Config, parse_config
from nok.documents import parse_yaml
from nok.errors import ConfigError, ExitCode
from nok.method import _MEASURE_KEYS, _METHOD_KEYS, Band, Role, parse_method
from nok.packages import import_report
from nok.packages.profile import RESOURCES, profile_schema
from nok.print_formats import parse_print_formats
from nok.records import ReviewState, ScoreState, Status
from nok.render.cabinet import ROSTER_COLUMNS, SECTIONS
from nok.vocabulary import PLURAL_FORMS, Reason, Sphere

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
WRITE = ".venv/bin/python tests/test_docs.py --write"
README_LINES = 140

WIDGET_WORDS = parse_yaml((ROOT / "theme" / "words" / "en" / "widget.yaml").read_text("utf-8"), "widget.yaml")
WIDGET_RULES = {
    name.removeprefix("problem_").replace("_", "-"): (said, WIDGET_WORDS[name.replace("problem_", "advice_", 1)])
    for name, said in WIDGET_WORDS.items()
    if name.startswith("problem_")
}
"""What the widget can say: rule to sentence and advice."""

RULES = {
    name: (rule.en, rule.en_advice)
    for name, rule in (messages.RULES | getattr(import_report, "IMPORT_RULES", {})).items()
    if name not in WIDGET_RULES
}
"""What packages and imports can be told, in the same form."""

RULE_GROUPS = {
    "the package": "package-missing",
    "the file of a table": "encoding",
    "cells": "required",
    "beyond cells": "organization-id",
    "an import": "value-unmapped",
    "a table of filled questionnaires": "answer-branch",
}
"""Group of rules to its first one; a group ends where the next begins. The words of the widget are a group apart."""

TABLE = re.compile(
    r"(?P<head><!-- table: (?P<name>[^>]+?) -->\n)(?P<body>.*?)(?P<end><!-- end of table -->)", re.DOTALL
)


# ---- tables made from the program ----------------------------------------------------------------------------------


def commands() -> dict[str, argparse.ArgumentParser]:
    """Every command of the command line with its parser; one that has actions is told by each of them."""
    from publish import make_parser

    found = {}
    for name, parser in subcommands(make_parser()).items():
        actions = subcommands(parser)
        found |= {f"{name} {action}": one for action, one in actions.items()} or {name: parser}
    return found


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(found[0].choices) if found else {}


def options(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """(how it is written, what it says) of each option and argument, `--help` left out."""
    for action in parser._actions:
        if action.dest == "help":
            continue
        value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
        name = ", ".join(action.option_strings)
        written = name if action.nargs == 0 else f"{name} {value}".strip()
        yield written + ("…" if action.nargs == "+" else ""), str(action.help or "")


def command_table(name: str) -> str:
    rows = [(f"`{written}`", said.replace("<", "&lt;")) for written, said in options(commands()[name])]
    return markdown_table(("option", "what it says"), rows)


def config_docstrings() -> dict[str, str]:
    """Option to the text under its field, on one line."""
    (body,) = [node.body for node in ast.parse(inspect.getsource(config)).body if getattr(node, "name", "") == "Config"]
    found = {}
    for field, said in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant):
            found[ast.unparse(field.target)] = " ".join(str(said.value.value).split())
    return found


def config_table() -> str:
    said = config_docstrings()
    rows = []
    for field in fields(Config):
        assert field.default is not MISSING
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        shown = json.dumps(default, ensure_ascii=False)
        rows.append((f"`{field.name}`", f"`{shown}`", said.get(field.name, "")))
    return markdown_table(("option", "default", "what it says"), rows)


def field_table(resource: str, former: str) -> str:
    """The fields of a table; what the English column said in `former` is kept."""
    meanings = kept_meanings(former)
    schema = profile_schema(resource)
    key = schema.get("primaryKey", [])
    rows = []
    for field in schema["fields"]:
        name, constraints = field["name"], field.get("constraints", {})
        shown = f"**`{name}`**" if name in key else f"`{name}`"
        required = "yes" if constraints.get("required") else ""
        limits = "; ".join([*constraint_words(constraints), *reference_words(schema, name)])
        rows.append((shown, field["type"], required, limits, field.get("title", ""), meanings.get(name, "")))
    return markdown_table(("field", "type", "required", "limits", "title", "what it says"), rows)


def constraint_words(constraints: Mapping[str, Any]) -> Iterator[str]:
    for name, value in constraints.items():
        if name == "enum":
            yield " ".join(f"`{one}`" for one in value)
        elif name == "pattern":
            yield f"`{value}`"
        elif name == "maxLength":
            yield f"up to {value} characters"
        elif name != "required":
            yield {"minimum": "from {}", "maximum": "to {}"}.get(name, name + " {}").format(value)


def reference_words(schema: Mapping[str, Any], name: str) -> Iterator[str]:
    for key in schema.get("foreignKeys", []):
        if key["fields"] == [name]:
            target = key["reference"].get("resource")
            yield f"a row of `{target}`" if target else "a row of this table"


def kept_meanings(body: str) -> dict[str, str]:
    found = {}
    for line in body.splitlines()[2:]:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        found[cells[0].strip("*`")] = cells[-1].replace("\\|", "|")
    return found


def rule_table(group: str) -> str:
    every = {**RULES, **WIDGET_RULES}
    rows = [(f"`{name}`", gap(every[name][0]), gap(every[name][1])) for name in group_rules(group)]
    return markdown_table(("rule", "what is wrong", "what to do"), rows)


def group_rules(group: str) -> list[str]:
    if group == "a rating":
        return list(WIDGET_RULES)
    names, firsts = list(RULES), list(RULE_GROUPS.values())
    start = firsts.index(RULE_GROUPS[group])
    end = names.index(firsts[start + 1]) if start + 1 < len(firsts) else len(names)
    return names[names.index(firsts[start]) : end]


def gap(text: str) -> str:
    """A sentence with the names of its gaps: ‹value›."""
    return text.format_map(Gaps(similar=""))


class Gaps(dict[str, str]):
    """What stands in a gap where there is no fault: its name."""

    def __missing__(self, key: str) -> str:
        return f"‹{key}›"


def exit_table(former: str) -> str:
    meanings = kept_meanings(former)
    rows = [(f"`{code.value}`", meanings.get(str(code.value), "")) for code in ExitCode]
    return markdown_table(("exit code", "what it says"), rows)


def markdown_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def cabinet_table() -> str:
    rows = [
        (f"`{file}`", heading, f"`{column}`")
        for file, columns in ({f"cabinet/{name}.csv": own for name, own in SECTIONS.items()} | LISTS).items()
        for heading, column in columns.items()
    ]
    return markdown_table(("file", "heading", "column of the package"), rows)


LISTS = {"rosters/<roster_id>/organizations.csv": ROSTER_COLUMNS}


def made_table(name: str, former: str) -> str:
    kind, _, subject = name.partition(" ")
    makers: dict[str, Callable[[], str]] = {
        "command": lambda: command_table(subject),
        "options": config_table,
        "fields": lambda: field_table(subject, former),
        "rules": lambda: rule_table(subject),
        "exit": lambda: exit_table(former),
        "cabinet": cabinet_table,
    }
    return makers[kind]()


def with_tables(text: str) -> str:
    """The document with every table made anew."""
    return TABLE.sub(lambda found: found["head"] + made_table(found["name"], found["body"]) + found["end"], text)


def tables(document: str) -> dict[str, str]:
    """Name to body of each table that is made."""
    return {found["name"]: found["body"] for found in TABLE.finditer(read(document))}


# ---- reading documents ---------------------------------------------------------------------------------------------


def read(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def documents() -> list[str]:
    return [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        *(f"docs/{file.name}" for file in sorted(DOCS.glob("*.md"))),
    ]


def coded(document: str) -> set[str]:
    """Every word that stands in code marks."""
    return {word for span in re.findall(r"`([^`\n]+)`", read(document)) for word in re.split(r"[\s,|:=]+", span)}


def code_lines(document: str) -> list[str]:
    """Lines of code blocks, continued lines joined."""
    text = re.sub(r" *\\\n +", " ", read(document))
    indented = re.findall(r"^    \S.*$", text, re.MULTILINE)
    return [line.strip() for block in (*fenced(document), *indented) for line in block.splitlines()]


def fenced(document: str, language: str = "[a-z]*") -> list[str]:
    """Blocks between lines of three backticks."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", read(document), re.DOTALL | re.MULTILINE)


def links(document: str) -> list[str]:
    text = re.sub(r"^ *```.*?^ *```|`[^`\n]+`", "", read(document), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(file: Path) -> set[str]:
    """The names that headings of a Markdown file get."""
    headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def picture_size(file: Path) -> tuple[int, int]:
    """Width and height of a PNG, in pixels."""
    head = file.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    return struct.unpack(">II", head[16:24])


# ---- tests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", documents())
def test_tables_are_as_the_program_has_them(document: str) -> None:
    text = read(document)
    assert text == with_tables(text), f"{document} is stale. Make its tables anew: {WRITE}"


def test_every_command_and_option_is_documented() -> None:
    found = tables("docs/commands.md")
    for name, parser in commands().items():
        assert f"command {name}" in found, f"docs/commands.md needs a table 'command {name}'"
        assert f"## {name}\n" in read("docs/commands.md")
        for written, said in options(parser):
            assert said, f"{name} {written} has no help"
            assert f"`{written}`".replace("|", "\\|") in found[f"command {name}"]


def test_every_exit_code_is_explained() -> None:
    rows = kept_meanings(tables("docs/commands.md")["exit codes"])
    assert {code for code, said in rows.items() if said} == {str(code.value) for code in ExitCode}


def test_every_option_of_the_configuration_is_documented() -> None:
    rows = kept_meanings(tables("docs/configuration.md")["options"])
    for field in fields(Config):
        first, _, _ = config_docstrings()[field.name].partition(". ")
        assert first, f"Config.{field.name} has no docstring"
        assert rows[field.name].startswith(first)


def test_the_limits_of_numbers_are_as_documented() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \|$", read("docs/configuration.md"), re.MULTILINE)
    assert {name for name, _, _ in rows} == {
        field.name for field in fields(Config) if isinstance(field.default, int) and field.name != "address_shards"
    }
    for name, least, most in rows:
        parse_config(f"{name}: {least}")
        parse_config(f"{name}: {most}")
        for outside in (int(least) - 1, int(most) + 1):
            with pytest.raises(ConfigError):
                parse_config(f"{name}: {outside}")


def test_every_field_of_every_table_is_documented() -> None:
    found = tables("docs/data-packages.md")
    assert [name for name in found if name.startswith("fields ")] == [f"fields {resource}" for resource in RESOURCES]
    for resource in RESOURCES:
        meanings = kept_meanings(found[f"fields {resource}"])
        silent = [field["name"] for field in profile_schema(resource)["fields"] if not meanings.get(field["name"])]
        assert not silent, f"docs/data-packages.md says nothing of {resource}: {', '.join(silent)}"


@pytest.mark.parametrize("states", [ScoreState, Status, ReviewState])
def test_every_state_is_explained(states: type) -> None:
    said = re.findall(r"^\| `(\w+)` \| .{10,} \|$", read("docs/data-packages.md"), re.MULTILINE)
    assert {str(state) for state in states} <= set(said)


def test_every_rule_is_documented_once() -> None:
    found = tables("docs/problems.md")
    listed = [name for group in (*RULE_GROUPS, "a rating") for name in kept_meanings(found[f"rules {group}"])]
    assert listed == [*RULES, *WIDGET_RULES]


def test_every_rule_that_the_program_names_has_words() -> None:
    files = [*(ROOT / "nok").rglob("*.py"), *(ROOT / "widget").rglob("*.py")]
    naming = re.compile(r'\b(?:rule=|_Refused\(|SchemaFault\(|Unfit\(|_refuse\([\w.]+, )\s*"([a-z-]+)"')
    named = {name for file in files for name in naming.findall(file.read_text("utf-8"))}
    assert len(named) > 60
    assert named <= {*RULES, *WIDGET_RULES}


def test_every_key_of_methods_spheres_and_reasons_is_documented() -> None:
    known = {*_METHOD_KEYS, *_MEASURE_KEYS, *Role, *(field.name for field in fields(Band))}
    known |= {field.name for kind in (Sphere, Reason) for field in fields(kind)} | {"any_kind"}
    known |= {form for forms in PLURAL_FORMS.values() for form in forms}
    assert known <= coded("docs/methods.md")


@pytest.mark.parametrize(
    "file",
    [*(ROOT / "content" / "methods").glob("*.yaml"), *(ROOT / "content").glob("[rs]*.yaml")],
    ids=lambda f: f.name,
)
def test_every_key_that_the_content_uses_is_documented(file: Path) -> None:
    content = parse_yaml(file.read_text("utf-8"), file.name)
    content.pop("bands", None)  # names of bands and measures are the writer's own
    measures = {measure["id"] for measure in content.get("measures", ())}
    assert set(keys(content)) - measures <= coded("docs/methods.md")


def test_every_format_and_sheet_is_documented() -> None:
    found = parse_print_formats(read("content/print.yaml"), "content/print.yaml")
    said = read("docs/posters.md")
    stickers = {sheet.format.id for sheet in found.sheets.values()}
    for name in (*(set(found.formats) - stickers), *found.sheets):
        assert f"`{name}`" in said, f"docs/posters.md says nothing of {name}"


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(part)


def test_the_readme_is_short_and_has_three_pictures() -> None:
    assert len(read("README.md").splitlines()) <= README_LINES
    pictures = re.findall(r"!\[[^\]]{10,}\]\(([^)]+)\)", read("README.md"))
    assert pictures == ["docs/organization.png", "docs/comparison.png", "docs/poster.png"]
    assert [(ROOT / name).stat().st_size <= 200_000 for name in pictures] == [True] * 3
    assert picture_size(ROOT / pictures[0]) == (900, 1100)


def test_every_make_target_that_documents_name_exists() -> None:
    makefile = read("Makefile")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {
        name
        for document in documents()
        for name in re.findall(r"`?\bmake ([a-z]+)\b(?=`|\s{2}|$)", read(document), re.MULTILINE)
    }
    assert {"site", "test"} <= named <= targets


@pytest.mark.parametrize("document", documents())
def test_links_lead_somewhere(document: str) -> None:
    for link in links(document):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / document).parent / path if path else ROOT / document
        assert target.exists(), f"{document} links to {link}, which is not there"
        assert not anchor or anchor in anchors(target), f"{document} links to {link}, which has no such heading"


@pytest.mark.parametrize("document", documents())
def test_examples_are_commands_that_the_program_takes(document: str) -> None:
    from publish import make_parser

    spans = re.findall(r"`(python publish\.py [^`]+)`", read(document))
    for line in (*code_lines(document), *(span for span in spans if " --" in span)):
        found = re.search(r"\bpython publish\.py (.+)", line)
        if found and "COMMAND" not in line:
            make_parser().parse_args(shlex.split(found[1], comments=True))


def test_the_smallest_package_is_a_valid_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from publish import main as run

    (tmp_path / "datapackage.json").write_text(fenced("docs/data-packages.md", "json")[0], "utf-8")
    (tmp_path / "organizations.csv").write_text(fenced("docs/data-packages.md", "csv")[0], "utf-8")
    assert run(["validate", str(tmp_path), "--lang", "en"]) == ExitCode.DONE
    assert "errors: 0" in capsys.readouterr().out


def test_the_example_of_a_method_can_be_read() -> None:
    method = parse_method(fenced("docs/methods.md", "yaml")[0], "docs/methods.md")
    assert [measure.id for measure in method.measures] == ["total", "K1", "1.1"]


def test_the_map_of_the_readme_names_what_is_there() -> None:
    (block,) = fenced("README.md", "text")
    paths = [line.split()[0] for line in block.splitlines()]
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_changelog_has_the_version_of_the_program() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert f"## {version}" in read("CHANGELOG.md")


def test_a_stale_table_is_noticed_and_its_meanings_are_kept() -> None:
    text = read("docs/data-packages.md")
    stale = text.replace("| integer | yes |", "| string | yes |", 1)
    assert stale != text
    assert with_tables(stale) == text


# ---- making the tables ---------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    if arguments != ["--write"]:
        print(f"Say {WRITE}. Nothing was done.")
        return ExitCode.USAGE
    for document in documents():
        text = read(document)
        made = with_tables(text)
        if made != text:
            (ROOT / document).write_text(made, "utf-8")
            print(f"{document}: tables made anew")
    return ExitCode.DONE


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))

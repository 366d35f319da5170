"""Tables and facts in which Russian texts stand among the words of another language: each such text is marked."""

from collections.abc import Iterable
from dataclasses import replace

from nok.compose.edition import Edition
from nok.model import Cell, Fact, Section, TableRow


def marked_facts(facts: Iterable[Fact], edition: Edition) -> tuple[Fact, ...]:
    """The facts, their values marked."""
    if edition.language == "ru":
        return tuple(facts)
    return tuple(replace(fact, value=edition.mixed(fact.value)) for fact in facts)


def marked_sections(sections: Iterable[Section], edition: Edition) -> tuple[Section, ...]:
    """The sections, marked text by text: a heading or a note may hold both languages."""
    if edition.language == "ru":
        return tuple(sections)
    return tuple(
        replace(
            section,
            heading=edition.mixed(section.heading),
            note=edition.mixed(section.note),
            rows=tuple(_row(row, edition) for row in section.rows),
        )
        for section in sections
    )


def _row(row: TableRow, edition: Edition) -> TableRow:
    return replace(row, head=_cell(row.head, edition), cells=tuple(_cell(cell, edition) for cell in row.cells))


def _cell(cell: Cell, edition: Edition) -> Cell:
    return replace(cell, text=edition.mixed(cell.text), note=edition.mixed(cell.note), lang="")

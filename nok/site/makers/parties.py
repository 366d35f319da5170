"""Who stands behind assessments: authorities, operators, councils, campaigns, and their lists of organisations."""

from collections.abc import Iterator

from nok import urls
from nok.compose.edition import Edition
from nok.compose.parties import (
    authority_page,
    campaign_page,
    council_page,
    operator_page,
    parties_page,
    roster_page,
)
from nok.records import Organization
from nok.render.cabinet import cabinet_files, roster_csv
from nok.site.manifest import Wanted
from nok.site.worker import Task, Worker
from nok.warehouse_parties import Entry, Listing, RosterFacts

_LISTED_AT_ONCE = 500


def parties(worker: Worker, task: Task) -> Iterator[Wanted]:
    """The page of an authority, operator, council or campaign."""
    for unit in task.units:
        worker.begin(task, unit)
        _, table, key = unit.name.split("/")
        for edition in worker.editions.values():
            _write_party(worker, table, key, edition)
        if table == "authorities":
            for section, content in cabinet_files(worker.parties.authority(key)):
                worker.writer.write(urls.cabinet_file(key, section), content)
        yield unit


def party_lists(worker: Worker, task: Task) -> Iterator[Wanted]:
    """Pages of the lists of such parties."""
    for unit in task.units:
        worker.begin(task, unit)
        table = unit.name.split("/")[1]
        for edition in worker.editions.values():
            page = parties_page(worker.parties.listed(table), unit.key, edition)
            worker.write_page(page, urls.parties(table, unit.key, edition.lang), edition)
        yield unit


def _write_party(worker: Worker, table: str, key: str, edition: Edition) -> None:
    index = worker.parties
    if table == "authorities":
        worker.write_page(authority_page(index.authority(key), edition), urls.authority(key, edition.lang), edition)
    elif table == "operators":
        worker.write_page(operator_page(index.operator(key), edition), urls.operator(key, edition.lang), edition)
    elif table == "councils":
        worker.write_page(council_page(index.council(key), edition), urls.council(key, edition.lang), edition)
    else:
        facts = index.campaign(key)
        forms = {form.id: form for form in worker.publication.shown_questionnaires}
        page = campaign_page(facts, forms.get(facts.row.get("questionnaire_id", "")), edition)
        worker.write_page(page, urls.campaign(key, edition.lang), edition)


def rosters(worker: Worker, task: Task) -> Iterator[Wanted]:
    """Pages of the list of a council, and the whole of it as a table."""
    size, index = worker.publication.config.organizations_per_page, worker.parties
    for unit in task.units:
        worker.begin(task, unit)
        roster_id, number = unit.name.split("/")[1], unit.key
        facts, entries = index.rosters[roster_id], index.entries_of(roster_id)
        last = max(1, -(-len(entries) // size))
        shown = entries.part((number - 1) * size, number * size)
        organizations = [one.organization for one in worker.warehouse.listed([entry.key for entry in shown])]
        is_invented = index.is_invented(roster_id)
        for edition in worker.editions.values():
            page = roster_page(facts, shown, organizations, (number, last), edition, is_invented=is_invented)
            worker.write_page(page, urls.roster(roster_id, number, edition.lang), edition)
        if number == 1:
            worker.writer.write(urls.roster_file(roster_id), _roster_csv(worker, facts, entries))
        yield unit


def _roster_csv(worker: Worker, facts: RosterFacts, entries: Listing) -> bytes:
    """A whole list, some hundred organisations at a time."""
    rows: list[tuple[Entry, Organization]] = []
    for first in range(0, len(entries), _LISTED_AT_ONCE):
        part = entries.part(first, first + _LISTED_AT_ONCE)
        found = worker.warehouse.listed([entry.key for entry in part])
        rows += [(entry, one.organization) for entry, one in zip(part, found, strict=True)]
    return roster_csv(facts, rows)

"""The page of every organisation, and what stands beside it: cards, data, badge, poster, feed."""

from collections.abc import Iterable, Iterator, Sequence

from nok import urls
from nok.compose.assessment import badge_text
from nok.compose.edition import Edition
from nok.compose.evidence import checks_of
from nok.compose.feeds import has_news, organization_feed
from nok.compose.organization import Subject, card_of, make_subject, page_of, reviews_of
from nok.compose.poster import Stand, default_stand, poster_page
from nok.render.badges import badge_svg
from nok.render.downloads import organization_json_bytes
from nok.render.feeds import atom_bytes
from nok.render.qr import make_qr
from nok.site.manifest import Wanted
from nok.site.worker import File, Task, Worker
from nok.warehouse_facts import OrganizationFacts


def some_together(every: Iterable[OrganizationFacts]) -> Iterator[list[OrganizationFacts]]:
    """Organisations a few at a time, to be taken through each step of the work together.

    A processor is quickest at what it has just done: one after another through all steps they took 1.1 times as long. More
    of them at once would not fit where it keeps what is at hand.
    """
    group: list[OrganizationFacts] = []
    reviews = 0
    for facts in every:
        group.append(facts)
        reviews += len(facts.reviews)
        if len(group) == _TOGETHER or reviews > _MOST_REVIEWS:
            yield group
            group, reviews = [], 0
    if group:
        yield group


_TOGETHER = 4
_MOST_REVIEWS = 1_000
"""After so many the group is full: their organisations' data are in memory together."""


def organizations(worker: Worker, task: Task) -> Iterator[Wanted]:
    """All files of some organisations."""
    wanted = {unit.key: unit for unit in task.units}
    for group in some_together(worker.warehouse.organizations(list(wanted))):
        subjects = [_subject(worker, facts) for facts in group]
        for subject, ready in zip(subjects, _ready(worker, subjects), strict=True):
            worker.begin(task, wanted[subject.facts.number])
            for path, content in ready:
                worker.writer.write(path, content)
            _write_further(worker, subject)
            yield wanted[subject.facts.number]


def _subject(worker: Worker, facts: OrganizationFacts) -> Subject:
    """Its facts, computed and judged, for all its pages and files."""
    checks = checks_of(facts, worker.publication.methods, worker.forms)
    return make_subject(facts, worker.publication.config, worker.main.today, checks)


def _ready(worker: Worker, subjects: Sequence[Subject]) -> Iterator[tuple[File, ...]]:
    """What every organisation has, kind by kind: its pages and cards; once, whatever the languages, its data, badge and
    poster."""
    kinds = [organization_pages(worker, subjects, edition) for edition in worker.editions.values()]
    for edition in worker.editions.values():
        cards = [(card_of(subject, edition), edition.lang + subject.files.card) for subject in subjects]
        kinds.append([worker.file(card, path, edition) for card, path in cards])
    kinds.append([(subject.files.json, _json(worker, subject)) for subject in subjects])
    stands = [default_stand(subject.facts.organization.organization_id) for subject in subjects]
    codes = [make_qr(urls.printed(worker.publication.config.widget_url, stand.code)) for stand in stands]
    drawings = [(code.path, code.size) for code in codes]  # the path is drawn anew each time that it is asked for
    kinds.append([_badge(worker, *one) for one in zip(subjects, drawings, strict=True)])
    kinds.append([_poster(worker, *one) for one in zip(subjects, stands, drawings, strict=True)])
    return zip(*kinds, strict=True)


def organization_pages(worker: Worker, subjects: Sequence[Subject], edition: Edition) -> list[File]:
    """The page of each, all records before the first is rendered."""
    pages = [
        page_of(subject, worker.peers(subject.facts), worker.extent(subject.facts.organization.region_code), edition)
        for subject in subjects
    ]
    paths = [edition.lang + subject.files.page for subject in subjects]
    return [worker.file(page, path, edition) for page, path in zip(pages, paths, strict=True)]


def _badge(worker: Worker, subject: Subject, drawing: tuple[str, int]) -> File:
    rounds = subject.facts.rounds
    heading, mark = badge_text(rounds[0] if rounds else None, worker.main)
    return subject.files.badge, badge_svg(heading, mark.points, mark.word, mark.level, *drawing).encode()


def _poster(worker: Worker, subject: Subject, stand: Stand, drawing: tuple[str, int]) -> File:
    facts = subject.facts
    poster = poster_page(
        facts.organization,
        facts.rounds[0] if facts.rounds else None,
        subject.plan,
        worker.main,
        stand,
        is_demonstration=facts.is_demonstration,
        picture=drawing,
    )
    return worker.file(poster, subject.files.poster, worker.main)


def _write_further(worker: Worker, subject: Subject) -> None:
    """What not every organisation has: further pages of reviews, which may be many, and the feed."""
    facts, files = subject.facts, subject.files
    for edition in worker.editions.values():
        for number, page in enumerate(reviews_of(subject, edition), start=2):
            worker.write_page(page, edition.lang + files.reviews(number), edition)
    if has_news(facts, worker.main.today):
        page_path = worker.main.lang + files.page
        worker.writer.write(files.feed, atom_bytes(organization_feed(facts, files.feed, page_path, worker.main)))


def _json(worker: Worker, subject: Subject) -> bytes:
    found = subject.summary, subject.window, subject.splits, subject.checks
    return organization_json_bytes(subject.facts, *found, worker.publication.methods)

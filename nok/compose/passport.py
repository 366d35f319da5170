"""The passport of a round: who measured whom, by what, how far it is, what was decided and what came of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from nok import urls
from nok.compose.aggregates import mean_mark
from nok.compose.assessment import plan_progress
from nok.compose.course import band_rows, bands_message, round_row
from nok.compose.edition import Edition
from nok.compose.marking import marked_facts
from nok.compose.organization import web_address
from nok.method import Method
from nok.model import AssessmentPage, DecisionRow, Fact, Link, RoundRow
from nok.records import STAGES, Assessment, Row
from nok.templating import format_integer
from nok.warehouse_course import RoundCourse
from nok.warehouse_facts import Group, Record


def assessment_page(
    record: Record, groups: Sequence[Group], is_demonstration: bool, edition: Edition
) -> AssessmentPage:
    """The passport; `groups` say where the round is the newest of its sphere, so that a list follows it."""
    assessment, words = record.assessment, edition.words
    path = urls.assessment(assessment.assessment_id, edition.lang)
    method = edition.methods.get(assessment.method_id)
    counts = _bands(record.courses)
    bands = band_rows(counts, 0, method, edition) if method else ()
    home = Link(text=words("page.home"), href=urls.relative(urls.home(edition.lang), path))
    return AssessmentPage(
        title=assessment.title,
        description=words("page.assessment_description", title=assessment.title),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(home,),
        heading=assessment.title,
        text_lang=edition.foreign(assessment.title),
        kind_note="" if assessment.is_independent else words(f"page.not_rated_{assessment.kind}"),
        passport=marked_facts(_passport(record, method, path, edition), edition),
        stage_line=_stage_line(assessment, edition),
        stages=edition.steps[assessment] if assessment.assessment_id in edition.stages else (),
        decisions=tuple(_decision(row, record, edition) for row in record.decisions),
        facts=tuple(_facts(record.courses, method, edition)),
        message=bands_message(bands, edition),
        bands=bands,
        plan_line=_plan_line(record.courses, edition),
        lists=tuple(_region_row(item, groups, method, path, edition) for item in record.courses),
        files=(Link(text=words("page.all_tables"), href=urls.relative(urls.data_page(edition.lang), path)),),
    )


def _passport(record: Record, method: Method | None, path: str, edition: Edition) -> Iterator[Fact]:
    assessment, words, parties = record.assessment, edition.words, record.parties
    contract = parties.get("contracts", {})
    dates = [text for text in (assessment.started_on, assessment.finished_on) if text]
    told = [
        ("page.sphere", edition.sphere_title(assessment.sphere), ""),
        ("page.year", str(assessment.period), ""),
        ("page.assessment_kind", words(f"page.kind_{assessment.kind}"), ""),
        ("page.scope", assessment.scope, ""),
        ("page.sources", assessment.sources, ""),
        ("page.dates", " – ".join(edition.day(date.fromisoformat(text)) for text in dates), ""),
        (
            "page.method",
            method.title[edition.language] if method else assessment.method_id,
            urls.relative(urls.method(assessment.method_id, edition.lang), path) if method else "",
        ),
        _party("authorities", "authority", parties, path, edition),
        _party("operators", "operator", parties, path, edition),
        ("page.contract", _contract(contract, edition), ""),
        _party("councils", "council", parties, path, edition),
    ]
    return (Fact(name=words(key), value=value, href=href) for key, value, href in told if value)


def _party(table: str, kind: str, parties: Mapping[str, Row], path: str, edition: Edition) -> tuple[str, str, str]:
    """(word, name, page) of who is behind a round; no name where nobody is told."""
    row = parties.get(table)
    if row is None:
        return f"page.{kind}", "", ""
    target = _PAGES[table](row[f"{kind}_id"], edition.lang)
    return f"page.{kind}", row.get("short_name") or row["name"], urls.relative(target, path)


_PAGES: Mapping[str, Callable[[str, str], str]] = {
    "authorities": urls.authority,
    "operators": urls.operator,
    "councils": urls.council,
}


def _contract(row: Row, edition: Edition) -> str:
    if not row:
        return ""
    signed = edition.day(date.fromisoformat(row["signed_on"]))
    return edition.words("page.contract_of", number=row["number"], day=signed)


def _stage_line(assessment: Assessment, edition: Edition) -> str:
    """`Сейчас: планы улучшений — этап 6 из 7`."""
    if assessment.stage == STAGES[-1]:
        return edition.words("page.stage_line_done")
    number = STAGES.index(assessment.stage) + 1
    stage = edition.words(f"page.stage_{assessment.stage}")
    return edition.words("page.stage_line", stage=stage, number=number, last=len(STAGES))


def _decision(row: Row, record: Record, edition: Edition) -> DecisionRow:
    words = edition.words
    body = row.get("body_name") or record.bodies.get(row.get("body_id", ""), "") or words(f"page.body_{row['body']}")
    number = words("page.document_number", number=row["document_number"]) if "document_number" in row else ""
    return DecisionRow(
        day=edition.day(date.fromisoformat(row["decided_on"])),
        body=edition.mixed(body),
        stage=words(f"page.stage_{row['stage']}"),
        subject=row["subject"],
        document=edition.mixed(" ".join(part for part in (row.get("document", ""), number) if part)),
        href=web_address(row["url"]) if "url" in row else "",
    )


def _region_row(
    course: RoundCourse, groups: Sequence[Group], method: Method | None, path: str, edition: Edition
) -> RoundRow:
    """One region: its own list of the sphere where that follows this round, else the region."""
    newest = {(group.region_code, group.sphere): group.assessment_id for group in groups}
    is_newest = newest.get((course.region_code, course.sphere)) == course.assessment_id
    link = edition.region_link(course.region_code, path)
    if is_newest:
        link = edition.sphere_region_link(course.sphere, course.region_code, path)
    return round_row(
        [course], course.organizations, method, edition, name=edition.region_name(course.region_code), href=link.href
    )


def _bands(courses: Sequence[RoundCourse]) -> list[int]:
    """How many fall in each band over all regions."""
    told = [course.bands for course in courses if course.bands]
    return [sum(numbers) for numbers in zip(*told, strict=True)]


def _facts(courses: Sequence[RoundCourse], method: Method | None, edition: Edition) -> Iterator[Fact]:
    words = edition.words
    assessed = sum(course.assessed for course in courses)
    listed = sum(course.organizations for course in courses)
    if listed:
        name = words("page.scored_of", count=words.count("page.of_organizations", listed))
        yield Fact(name=name, value=format_integer(assessed))
    if assessed and method is not None:
        mean = mean_mark(sum(course.total for course in courses), assessed, method, edition)
        yield Fact(name=words("page.mean_total", count=format_integer(assessed)), value=mean.points)
    proposals = sum(course.recommendations for course in courses)
    if proposals:
        yield Fact(name=words.plural("page.proposals", proposals), value=format_integer(proposals))


def _plan_line(courses: Sequence[RoundCourse], edition: Edition) -> str:
    """`План улучшений: выполнено 312 из 506 мер. Просрочено на 7 февраля 2026: 21.`"""
    done, standing = sum(course.done for course in courses), sum(course.standing for course in courses)
    if not standing:
        return ""
    overdue = sum(course.overdue(edition.today) for course in courses)
    sentences = [plan_progress(done, standing, edition)]
    if overdue:
        day = edition.day(edition.today)
        sentences.append(edition.words("page.overdue_on", day=day, count=format_integer(overdue)))
    return " ".join(sentences)

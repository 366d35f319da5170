"""What became of each round of the demonstration region: stages, decisions, proposals of councils, plans of three years.

Floor 3, below `nok.demonstration.package`. Seeded, no clock; everything lies before the edition day. Two rounds are not
independent: they stand beside the others and enter no rating.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from nok.demonstration.organizations import Invented
from nok.demonstration.reviews import UNPUBLISHED, Row
from nok.demonstration.school import SCHOOL_12
from nok.demonstration.scores import COLLECTING, METHOD, YEARS
from nok.demonstration.words import POSTS, SHORTCOMINGS

_CALENDAR = (
    ("collection", "03-03", "05-30"),
    ("analysis", "06-02", "06-20"),
    ("rating", "06-23", "07-11"),
    ("discussion", "07-14", "08-01"),
    ("recommendations", "08-04", "08-29"),
    ("plan", "09-01", ""),
)
"""Stage, month and day of its beginning and of its end, in the year of the round."""

_DECISIONS = (
    ("collection", "authority", "03-03", "Утвердить перечень организаций и начать сбор сведений", "Приказ", "{n}-п"),
    ("analysis", "operator", "06-20", "Передать отчёт о собранных сведениях на проверку", "Отчёт", "{n}"),
    ("rating", "expert_council", "07-10", "Признать расчёт баллов верным", "Заключение", "{n}"),
    ("discussion", "council", "08-01", "Утвердить результаты оценки", "Протокол", "{n}"),
    ("recommendations", "council", "08-25", "Направить организациям предложения", "Протокол", "{n}/1"),
    ("plan", "authority", "09-15", "Утвердить планы улучшений и назначить сроки", "Приказ", "{n}-пл"),
)
"""Stage, who decided, month and day, what, the document and its number."""

_BODY_NAMES = {"expert_council": "Экспертный совет при министерстве", "operator": "Оператор оценки"}
_BODY_IDS = {"authority": "authority_id", "operator": "operator_id", "council": "council_id"}

PROPOSALS = {
    "1.1": "Привести стенд и сайт в соответствие с перечнем обязательных сведений",
    "1.2": "Наладить все способы связи и проверять их раз в месяц",
    "1.3": "Спросить посетителей, чего они не находят, и переделать разделы",
    "2.1": "Дооснастить зону ожидания",
    "2.2": "Сократить ожидание до установленного срока",
    "2.3": "Обсудить условия с посетителями и назначить первые шаги",
    "3.1": "Сделать вход и помещения доступными",
    "3.2": "Обеспечить доступность сведений и помощь работников",
    "3.3": "Пройти весь путь посетителя вместе с обществом инвалидов",
    "4.1": "Обучить тех, кто встречает посетителей",
    "4.2": "Разобрать жалобы с коллективом",
    "4.3": "Установить правила разговора по телефону",
    "5.1": "Выяснить, почему организацию не рекомендуют",
    "5.2": "Пересмотреть график работы",
    "5.3": "Составить с посетителями перечень первоочередных мер",
}
"""What a council proposes against a weak indicator."""

_NO_MEASURE = (
    "Здание — памятник, перестроить вход нельзя; посетителя встречает дежурный",
    "Недостаток устранили, пока шла оценка",
    "Организация переезжает в этом году",
)
"""Why there is no measure against a shortcoming."""

_OTHER_ROUNDS = (
    ("demo-education-2025-departmental", "departmental", "education", 2025, "Ведомственная оценка школ"),
    ("demo-health-2024-supervisory", "supervisory", "health", 2024, "Надзорная оценка поликлиник и больниц"),
)
"""Rounds that are not independent: id, kind, sphere, year, title."""

_OTHER_KINDS = ("school", "polyclinic", "hospital")


def build_other_rounds() -> list[Row]:
    """Rows of `assessments` that are not independent."""
    return [
        {
            "assessment_id": name,
            "title": f"{title}, {year} год",
            "period": str(year),
            "sphere": sphere,
            "region_code": "00",
            "method_id": METHOD,
            "kind": kind,
            "stage": "done",
            "started_on": f"{year}-10-06",
            "finished_on": f"{year}-11-28",
            "status": "published",
        }
        for name, kind, sphere, year, title in _OTHER_ROUNDS
    ]


def build_other_scores(seed: int, organizations: Iterable[Invented]) -> list[Row]:
    """Totals of those rounds: a dozen schools, every polyclinic and hospital; kinder than the independent ones."""
    rows: list[Row] = []
    for name, _, sphere, _, _ in _OTHER_ROUNDS:
        asked = [
            made
            for made in organizations
            if made.row["sphere"] == sphere and made.row["kind"] in _OTHER_KINDS and made.is_published
        ]
        for made in [made for number, made in enumerate(asked) if made.id == SCHOOL_12 or number % 4 == 0]:
            points = Decimal(Random(f"{seed}:{name}:{made.id}").randint(8800, 9900)) / 100
            cells = {"measure": "total", "points": f"{points:.2f}", "state": "scored"}
            rows.append({"organization_id": made.id, "assessment_id": name} | cells)
    return rows


def build_stages(assessments: Iterable[Row]) -> list[Row]:
    """When each stage of the rounds of three years, and of the one that is under way, began and ended."""
    return [row for round_row in assessments for row in _stages(round_row)]


def _stages(assessment: Row) -> Iterator[Row]:
    name, year = assessment["assessment_id"], int(assessment["period"])
    if assessment["kind"] != "independent" or year < YEARS[0]:
        return
    if year == COLLECTING:
        note = "Анкеты собирают до 29 мая"
        yield {
            "assessment_id": name,
            "stage": "collection",
            "started_on": assessment["started_on"],
            "note": note,
        }
        return
    for stage, first, last in _CALENDAR:
        row = {"assessment_id": name, "stage": stage, "started_on": f"{year}-{first}"}
        if last or year < YEARS[-1]:
            row["finished_on"] = f"{year}-{last}" if last else f"{year + 1}-12-19"
        yield row
    if year < YEARS[-1]:
        yield {"assessment_id": name, "stage": "done", "started_on": f"{year + 1}-12-22"}


def build_decisions(assessments: Sequence[Row]) -> list[Row]:
    """Who decided what in each of those rounds."""
    return [row for number, round_row in enumerate(assessments, 1) for row in _decisions(number, round_row)]


def _decisions(number: int, assessment: Row) -> Iterator[Row]:
    begun = {row["stage"]: row["started_on"] for row in _stages(assessment)}
    year = assessment["period"]
    for turn, (stage, body, day, subject, document, text) in enumerate(_DECISIONS, 1):
        if stage not in begun:
            continue
        row = {
            "decision_id": f"{assessment['assessment_id']}-d{turn}",
            "assessment_id": assessment["assessment_id"],
            "body": body,
            "body_id": assessment.get(_BODY_IDS.get(body, ""), ""),
            "body_name": _BODY_NAMES.get(body, ""),
            "stage": stage,
            "decided_on": max(f"{year}-{day}", begun[stage]) if int(year) < COLLECTING else begun[stage],
            "subject": subject,
            "document": document,
            "document_number": text.format(n=number),
        }
        yield row


def build_proposals(
    seed: int, organizations: Iterable[Invented], scores: Iterable[Row], plan: Sequence[Row], assessments: Iterable[Row]
) -> tuple[list[Row], list[Row]]:
    """Rows of `recommendations`, and of `plan_measures`: those of `plan` with the proposals that they answer, and those
    of earlier rounds."""
    councils = {row["assessment_id"]: row.get("council_id", "") for row in assessments}
    weakest = _weakest(scores)
    proposals: list[Row] = []
    measures: list[Row] = []
    own: dict[str, list[Row]] = {}
    for row in plan:
        own.setdefault(row["organization_id"], []).append(row)
    for made in organizations:
        rounds = weakest.get(made.id, {})
        planned = own.get(made.id, [])
        newest = planned[0]["assessment_id"] if planned else max(rounds, key=lambda name: name[-4:], default="")
        for assessment in sorted(rounds, key=lambda name: name[-4:]):
            council = councils.get(assessment, "")
            if assessment != newest and made.id != SCHOOL_12:
                found = _former(Random(f"{seed}:former:{made.id}:{assessment}"), made, assessment, rounds[assessment])
                proposals.append(found[0] | {"council_id": council})
                measures += found[1:]
            elif assessment == newest and not planned:
                proposals.append(
                    _unanswered(seed, made, assessment, rounds[assessment], len(proposals)) | {"council_id": council}
                )
        for row in planned:
            proposals.append(_proposal(made, row) | {"council_id": councils.get(row["assessment_id"], "")})
            measures.append(row | {"recommendation_id": proposals[-1]["recommendation_id"]})
    return proposals, measures


def _weakest(scores: Iterable[Row]) -> dict[str, dict[str, tuple[Decimal, str]]]:
    """Organisation to round to its weakest indicator, where that is weak indeed: (points, indicator)."""
    found: dict[str, dict[str, tuple[Decimal, str]]] = {}
    for row in scores:
        if row["measure"] in SHORTCOMINGS and row["state"] == "scored" and Decimal(row["points"]) < 68:
            rounds = found.setdefault(row["organization_id"], {})
            told = (Decimal(row["points"]), row["measure"])
            rounds[row["assessment_id"]] = min(rounds.get(row["assessment_id"], told), told)
    return found


def _words(made: Invented, text: str) -> str:
    return text if made.is_published else f"{UNPUBLISHED}: {text}"


def _proposal(made: Invented, measure: Row) -> Row:
    return {
        "recommendation_id": f"{measure['plan_measure_id']}-r",
        "organization_id": made.id,
        "assessment_id": measure["assessment_id"],
        "indicator": measure["indicator"],
        "shortcoming": measure["shortcoming"],
        "text": _words(made, PROPOSALS[measure["indicator"]]),
        "decided_on": f"{measure['assessment_id'][-4:]}-08-25",
    }


def _former(rng: Random, made: Invented, assessment: str, weakest: tuple[Decimal, str]) -> list[Row]:
    """A proposal of an earlier round and the measure that answered it, long done."""
    year, indicator = int(assessment[-4:]), weakest[1]
    shortcoming, action = rng.choice(SHORTCOMINGS[indicator])
    due = date(year, 11, 1) + timedelta(days=rng.randrange(300))
    measure: Row = {
        "plan_measure_id": f"{made.id}-{year}-m1",
        "organization_id": made.id,
        "assessment_id": assessment,
        "indicator": indicator,
        "shortcoming": _words(made, shortcoming),
        "action": action,
        "responsible_post": rng.choice(POSTS[made.row["sphere"]]),
        "due_on": due.isoformat(),
        "status": "done",
        "done_on": (due + timedelta(days=rng.randint(-30, 15))).isoformat(),
    }
    proposal = _proposal(made, measure)
    return [proposal, measure | {"recommendation_id": proposal["recommendation_id"]}]


def _unanswered(seed: int, made: Invented, assessment: str, weakest: tuple[Decimal, str], turn: int) -> Row:
    """A proposal without a measure, and why there is none."""
    rng = Random(f"{seed}:unanswered:{made.id}")
    shortcoming, _ = rng.choice(SHORTCOMINGS[weakest[1]])
    return {
        "recommendation_id": f"{made.id}-{assessment[-4:]}-r1",
        "organization_id": made.id,
        "assessment_id": assessment,
        "indicator": weakest[1],
        "shortcoming": _words(made, shortcoming),
        "text": _words(made, PROPOSALS[weakest[1]]),
        "decided_on": f"{assessment[-4:]}-08-25",
        "no_measure_reason": _NO_MEASURE[turn % len(_NO_MEASURE)],
    }

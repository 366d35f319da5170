"""The static API: lists of a region's organisations, scores and reviews, numbers of taxpayers, methods, as JSON.

What stands here is data: no word of a page, nothing that depends on a language. Points stay the text they were published
as. `nok.render.openapi` describes every form that leaves this file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nok import urls
from nok.arithmetic import printed
from nok.formula import Formula, ItemsTimesStep, Mean, WeightedSum
from nok.json_text import compact_json, exact_number
from nok.method import Measure, Method
from nok.records import Region
from nok.warehouse_facts import Group, JudgedRows, ListFacts, ReviewedRows

PER_PAGE = 100
"""So many organisations, with their scores and reviews, are on a page of a region's lists."""


def pages_of(organizations: int) -> int:
    """How many pages the lists of a region have: one where it has no organisation."""
    return max(1, -(-organizations // PER_PAGE))


LISTS = ("organizations", "scores", "reviews")
"""The lists of a region; a page of each is of the same organisations."""


def list_json(code: str, name: str, number: int, pages: int, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A page of the list `name` of a region; `rows` are of one of the three functions below."""
    frame = {
        "region_code": code,
        "page": number,
        "pages": pages,
        "next": urls.api_list(code, name, number + 1) if number < pages else None,
        name: list(rows),
    }
    return compact_json(frame)


def organization_rows(listed: Iterable[ListFacts], shards: int) -> Iterator[dict[str, Any]]:
    return (_organization(each, shards) for each in listed)


def _organization(facts: ListFacts, shards: int) -> dict[str, Any]:
    one, newest = facts.organization, facts.latest
    names = ("organization_id", "name", "short_name", "sphere", "kind", "region_code", "municipality", "address")
    numbers = ("oktmo", "inn", "kpp", "ogrn", "opened_on", "closed_on", "successor_organization_id")
    files = urls.organization_files(one.region_code, one.organization_id, shards)
    total = newest.scores.get("total") if newest else None
    return {name: getattr(one, name) for name in names} | {
        **{name: getattr(one, name) or None for name in numbers},
        "latitude": exact_number(one.latitude),
        "longitude": exact_number(one.longitude),
        "assessment_id": newest.assessment.assessment_id if newest else None,
        "total": printed(total.points) if total is not None and total.points is not None else None,
        "state": total.state if total is not None else "not_assessed",
        "ratings": sum(facts.distribution),
        "page": files.page,
        "json": files.json,
    }


def score_rows(judged: Iterable[JudgedRows]) -> Iterator[dict[str, Any]]:
    """One object a score; no points are `None`."""
    for organization_id, rows in judged:
        for assessment_id, measure, points, state, respondents in rows:
            yield {
                "organization_id": organization_id,
                "assessment_id": assessment_id,
                "measure": measure,
                "points": points or None,
                "state": state,
                "respondents": respondents,
            }


def review_rows(reviewed: Iterable[ReviewedRows]) -> Iterator[dict[str, Any]]:
    """One object a review; a missing text or reply is `None`."""
    for organization_id, rows, replies in reviewed:
        for review_id, received_on, rating, state, text in rows:
            reply = replies.get(review_id)
            yield {
                "organization_id": organization_id,
                "review_id": review_id,
                "received_on": received_on,
                "rating": rating,
                "state": state,
                "text": text or None,
                "reply": {"text": reply[0], "replied_on": reply[1]} if reply is not None else None,
            }


def inn_json(rows: Iterable[tuple[str, str, str]], shards: int) -> bytes:
    """Organisations by the numbers of taxpayers that begin alike; each row is (ИНН, organisation, region)."""
    found = [
        {
            "inn": inn,
            "organization_id": organization_id,
            "region_code": region_code,
            "json": urls.organization_json(region_code, organization_id, shards),
        }
        for inn, organization_id, region_code in rows
    ]
    return compact_json({"organizations": found})


def regions_json(regions: Mapping[str, Region], groups: Sequence[Group]) -> bytes:
    """Every region that has an organisation, by its code, with the first pages of its lists."""
    numbers: dict[str, int] = {}
    for group in groups:
        numbers[group.region_code] = numbers.get(group.region_code, 0) + group.organizations
    found = [
        {
            "region_code": code,
            "name": regions[code].name if code in regions else code,
            "name_en": (regions[code].name_en if code in regions else "") or None,
            "organizations": numbers[code],
            "pages": pages_of(numbers[code]),
            "lists": {name: urls.api_list(code, name, 1) for name in LISTS},
        }
        for code in sorted(numbers)
    ]
    return compact_json({"regions": found})


def methods_json(methods: Mapping[str, Method]) -> bytes:
    found = [
        {"method_id": method.id, "title": method.title, "json": urls.api_method(method.id)}
        for method in methods.values()
    ]
    return compact_json({"methods": found})


def method_json(method: Method) -> bytes:
    """What a method measures, and by which formula in each of its variants; exact words are in `data/rules.json`."""
    return compact_json(
        {
            "method_id": method.id,
            "title": method.title,
            "source": method.source,
            "valid_from": str(method.valid_from) if method.valid_from else None,
            "valid_to": str(method.valid_to) if method.valid_to else None,
            "decimals": method.decimals,
            "rounding": "half_up",
            "measures": [_measure(measure) for measure in method.measures],
            "variants": [
                {
                    "variant_id": variant.id,
                    "title": variant.title,
                    "formulas": {name: _formula(formula) for name, formula in variant.formulas.items()},
                }
                for variant in method.variants
            ],
        }
    )


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "measure": measure.id,
        "role": measure.role,
        "parent": measure.parent or None,
        "title": measure.title,
        "maximum": f"{measure.maximum:f}",
        "higher_is_better": measure.higher_is_better,
        "weight": None if measure.weight is None else str(measure.weight),
    }


def _formula(formula: Formula) -> dict[str, Any]:
    """Its name; of a sum its parts with their weights."""
    found: dict[str, Any] = {"formula": formula.name}
    if isinstance(formula, WeightedSum):
        found["of"] = {name: str(weight) for name, weight in formula.of}
    elif isinstance(formula, Mean):
        found["of"] = dict.fromkeys(formula.of, "1")
    elif isinstance(formula, ItemsTimesStep):
        found["step"] = str(formula.step)
    return found

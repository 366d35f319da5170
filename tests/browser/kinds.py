"""Where one page of each kind stands in the demonstration: what browser tests and the contact sheets open."""

from collections.abc import Mapping

SCHOOL = "o/00/primersk-school-12.html"

KINDS: Mapping[str, str] = {
    "home": "",
    "regions": "regions/",
    "map": "map/",
    "region": "regions/00/",
    "further page of a region": "regions/00/page-2.html",
    "sphere": "spheres/education/",
    "sphere of a region": "spheres/education/00.html",
    "organisation": SCHOOL,
    "organisation in English": "en/" + SCHOOL,
    "reviews": "o/00/primersk-school-12.reviews-2.html",
    "poster": "o/00/primersk-school-12.poster.html",
    "assessment": "assessments/demo-education-2025/",
    "method": "methods/344n-2018/",
    "indicator": "indicators/344n-2018/3.3/",
    "indicator of a region": "indicators/344n-2018/3.3/00/",
    "list of an indicator": "indicators/344n-2018/3.3/00/education.school.html",
    "questionnaire": "questionnaires/675n-2018-education/",
    "data": "data/",
    "news": "news/",
    "text": "about/accessibility.html",
    "settings": "view/",
    "not found": "404.html",
}
"""By its name, the address of one page of each kind that readers meet on their way."""

SELDOM: Mapping[str, str] = {
    "search": "search/?q=школа+12",
    "near": "near/?q=Примерск",
    "comparison, nothing chosen": "compare/",
    "comparison": "compare/?o=00/primersk-school-12&o=00/primersk-school-1",
    "favourites": "favourites/?o=00/primersk-school-12&o=00/primersk-hospital-1",
    "organisation, much to read": "o/00/primersk-hospital-1.html",
    "organisation with little": "o/00/chernovoe-fap.html",
    "what was observed": "o/00/primersk-school-12.observed.html",
    "card": "o/00/primersk-school-12.card.html",
    "lists of ratings": "ratings/00/",
    "list of ratings": "ratings/00/demo-education-2025/school.html",
    "map with a closed organisation": "regions/00/#o=primersk-preschool-47",
    "place to choose": "near/?q=Chertyozhny",
    "municipality": "regions/00/m/1e750cea.education.school.html",
    "reports": "reports/",
    "report": "reports/00/2025/",
    "what changed": "reports/00/changed/",
    "authorities": "authorities/",
    "authority": "authorities/demo-ministry-education/",
    "operator": "operators/demo-operator-mera/",
    "council": "councils/demo-council-education/",
    "campaign": "campaigns/demo-autumn-2025/",
    "roster": "rosters/demo-roster-culture-2025/",
    "citizens' questionnaire": "questionnaires/citizen/",
    "method of stars": "methods/cms-stars/",
    "text of rules": "about/review-rules.html",
    "region in English": "en/regions/00/",
    "form": "rate/primersk-school-12",
    "form of the questionnaire": "rate/primersk-school-12/questionnaire",
    "receipts of this browser": "receipt/",
    "desk": "desk/",
}
"""The rest: pages of scripts with an answer on them, pages of parties and reports, and the widget's."""

OF_THE_WIDGET = frozenset({"form", "form of the questionnaire", "receipts of this browser", "desk"})
"""Those that only `serve` answers; any static server has the others."""

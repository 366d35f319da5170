"""Addresses that are printed on stands and linked from other sites: they may never change."""

import pytest

from nok import urls
from nok.identifiers import default_placement_code

PRINTED = {
    "primersk-school-12": "MFKWV59B60",
    "a": "04AKSVF77M",
    "fhrs-1040410": "1G06RW1VC6",
    "cms-030084": "TZDG7APH8W",
}


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (urls.home(), "index.html"),
        (urls.home("en/"), "en/index.html"),
        (urls.organization("70", "school-12"), "o/70/school-12.html"),
        (urls.organization("70", "school-12", "en/", 2), "en/o/70/e7/school-12.html"),
        (urls.organization_reviews("70", "school-12", 2), "o/70/school-12.reviews-2.html"),
        (urls.organization_json("70", "school-12"), "o/70/school-12.json"),
        (urls.organization_badge("70", "school-12"), "o/70/school-12.badge.svg"),
        (urls.organization_poster("70", "school-12"), "o/70/school-12.poster.html"),
        (urls.organization_card("70", "school-12", "en/"), "en/o/70/school-12.card.html"),
        (urls.organization_observed("70", "school-12", "", 2), "o/70/e7/school-12.observed.html"),
        (urls.observed_picture("0123456789abcdef" * 4), "observed/01/0123456789abcdef0123.jpg"),
        (urls.review_photo("r-7.f_A", 2, "0123456789abcdef" * 4), "photos/01/r-7.f_A-2-0123456789ab.jpg"),
        (urls.review_photo_small("r-7", 5, "0123456789abcdef" * 4), "photos/01/r-7-5-0123456789ab.small.jpg"),
        (urls.region("70"), "regions/70/index.html"),
        (urls.region("70", 2), "regions/70/page-2.html"),
        (urls.region_aggregates("70", "csv"), "regions/70/aggregates.csv"),
        (urls.region_appeals("70", "csv"), "regions/70/appeals.csv"),
        (urls.sphere("health"), "spheres/health/index.html"),
        (urls.sphere_aggregates("health", "json"), "spheres/health/aggregates.json"),
        (urls.assessment("health-2025"), "assessments/health-2025/index.html"),
        (urls.reports("en/"), "en/reports/index.html"),
        (urls.report("70", 2025), "reports/70/2025/index.html"),
        (urls.report("", 2025, "en/"), "en/reports/all/2025/index.html"),
        (urls.report("all", 2025), "reports/region-all/2025/index.html"),
        (urls.report_table("70", 2025), "reports/70/2025/report.csv"),
        (urls.changed(), "reports/changed/index.html"),
        (urls.changed("70"), "reports/70/changed/index.html"),
        (urls.changed("changed"), "reports/region-changed/changed/index.html"),
        (urls.parties("authorities"), "authorities/index.html"),
        (urls.parties("campaigns", lang="en/"), "en/campaigns/index.html"),
        (urls.parties("operators", 2), "operators/page-2.html"),
        (urls.authority("tomsk-health"), "authorities/tomsk-health/index.html"),
        (urls.operator("medved", "en/"), "en/operators/medved/index.html"),
        (urls.council("os-tomsk"), "councils/os-tomsk/index.html"),
        (urls.campaign("pilot-2026"), "campaigns/pilot-2026/index.html"),
        (urls.roster("r-2025"), "rosters/r-2025/index.html"),
        (urls.roster("r-2025", 2, "en/"), "en/rosters/r-2025/page-2.html"),
        (urls.roster_file("r-2025"), "rosters/r-2025/organizations.csv"),
        (urls.cabinet_file("tomsk-health", "operators"), "authorities/tomsk-health/cabinet/operators.csv"),
        (urls.method("344n-2018"), "methods/344n-2018/index.html"),
        (urls.indicator("344n-2018", "1.1", "en/"), "en/indicators/344n-2018/1.1/index.html"),
        (urls.indicator_region("344n-2018", "1.1", "70"), "indicators/344n-2018/1.1/70/index.html"),
        (
            urls.indicator_list("344n-2018", "1.1", "70", "education", "school", 2),
            "indicators/344n-2018/1.1/70/education.school.2.html",
        ),
        (urls.indicator_list("344n-2018", "1.1", "70", "mse", ""), "indicators/344n-2018/1.1/70/mse._.html"),
        (urls.questionnaire("675n-2018", "en/"), "en/questionnaires/675n-2018/index.html"),
        (urls.questionnaire_schema("675n-2018"), "questionnaires/675n-2018/answers.schema.json"),
        (urls.questionnaire_xlsform("675n-2018"), "questionnaires/675n-2018/675n-2018.xlsx"),
        (urls.map_page(), "map/index.html"),
        (urls.search("en/"), "en/search/index.html"),
        (urls.near(), "near/index.html"),
        (urls.compare(), "compare/index.html"),
        (urls.favourites(), "favourites/index.html"),
        (urls.search_file("p", "47"), "search/p/47.json"),
        (urls.search_file("n", "2915_4352"), "near/n/2915_4352.json"),
        (urls.municipality("70", "Томск", "en/"), "en/regions/70/m/e16947e7.html"),
        (urls.peers("70", "Томск", "education", "school"), "regions/70/m/e16947e7.education.school.html"),
        (urls.peers("70", "", "mse", "", 2), "regions/70/m/e3b0c442.mse._.2.html"),
        (urls.peers_medians("70"), "regions/70/medians.json"),
        (urls.data_file("demo", "latest", "scores.csv"), "data/demo/latest/scores.csv"),
        (urls.news_index(), "news/index.html"),
        (urls.sitemap(), "sitemap.xml"),
        (urls.not_found(), "404.html"),
        (urls.view_page(), "view/index.html"),
        (urls.view_page("en/"), "en/view/index.html"),
        (urls.rate("school-12"), "rate/school-12"),
        (urls.receipt("K7QM2XPTK7QM2XPT"), "receipt/K7QM2XPTK7QM2XPT"),
        (urls.my_receipts(), "receipt/"),
        (urls.invited("school-12", "ab2c"), "i/school-12/ab2c"),
        (urls.desk("reviews/"), "desk/reviews/"),
        (urls.desk_review("0a1b"), "desk/reviews/0a1b"),
        (urls.desk_summary("school-12"), "desk/organizations/school-12"),
        (urls.desk_join("TOKEN"), "desk/join/TOKEN"),
        (urls.scan("MFKWV59B60"), "q/MFKWV59B60"),
        (urls.rate_questionnaire("school-12"), "rate/school-12/questionnaire"),
        (urls.scan_questionnaire("MFKWV59B60"), "q/MFKWV59B60/questionnaire"),
        (urls.printed("https://ocenka.example", "MFKWV59B60"), "HTTPS://OCENKA.EXAMPLE/Q/MFKWV59B60"),
        (urls.typed("https://ocenka.example", "MFKWV59B60"), "ocenka.example/q/MFKWV59B60"),
    ],
)
def test_an_address_is_what_it_was(address: str, path: str) -> None:
    assert address == path


@pytest.mark.parametrize("organization_id", PRINTED)
def test_a_default_code_is_what_was_printed(organization_id: str) -> None:
    assert default_placement_code(organization_id) == PRINTED[organization_id]

"""The only place that knows addresses. They are permanent once printed; `tests/golden` holds them.

Every function gives a path below the site's root without a leading slash, so that a page can link to it relatively and
a build can write to it. `language` is a code of `publication.yaml`; the first language stands at the root and is
written as `""` here (`prefix` turns a language into that form).
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from nok.identifiers import parse_placement_code


def prefix(language: str, languages: Sequence[str]) -> str:
    """What stands before every path in `language`: nothing for the first of `languages`, else `en/`."""
    return "" if language == languages[0] else f"{language}/"


def home(lang: str = "") -> str:
    return f"{lang}index.html"


def not_found(lang: str = "") -> str:
    return f"{lang}404.html"


def address_shard(organization_id: str, digits: int) -> str:
    """The first hex digits of the id's hash: the folder of an organisation where one folder would overflow."""
    return hashlib.sha256(organization_id.encode()).hexdigest()[:digits]


def _organization(region_code: str, organization_id: str, shards: int) -> str:
    shard = f"{address_shard(organization_id, shards)}/" if shards else ""
    return f"o/{region_code}/{shard}{organization_id}"


class OrganizationFiles(NamedTuple):
    """What stands beside each other of one organisation: paths without the language."""

    stem: str
    page: str
    json: str
    badge: str
    poster: str
    card: str
    observed: str

    def reviews(self, number: int) -> str:
        """A page of its reviews; page 1 is the page of the organisation."""
        return self.page if number == 1 else f"{self.stem}.reviews-{number}.html"


def organization_files(region_code: str, organization_id: str, shards: int = 0) -> OrganizationFiles:
    """All paths of one organisation at once.

    >>> organization_files("70", "school-12").poster
    'o/70/school-12.poster.html'
    """
    stem = _organization(region_code, organization_id, shards)
    ends = (".html", ".json", ".badge.svg", ".poster.html", ".card.html", ".observed.html")
    return OrganizationFiles(stem, *[stem + end for end in ends])


def organization(region_code: str, organization_id: str, lang: str = "", shards: int = 0) -> str:
    """The page of one organisation; `shards` hex digits of its id's hash stand before it where folders would overflow.

    >>> organization("70", "school-12", "en/")
    'en/o/70/school-12.html'
    """
    return lang + organization_files(region_code, organization_id, shards).page


def organization_reviews(region_code: str, organization_id: str, number: int, lang: str = "", shards: int = 0) -> str:
    """Further pages of an organisation's reviews; page 1 is the page of the organisation."""
    return lang + organization_files(region_code, organization_id, shards).reviews(number)


def organization_json(region_code: str, organization_id: str, shards: int = 0) -> str:
    return organization_files(region_code, organization_id, shards).json


def organization_badge(region_code: str, organization_id: str, shards: int = 0) -> str:
    return organization_files(region_code, organization_id, shards).badge


def organization_poster(region_code: str, organization_id: str, shards: int = 0) -> str:
    return organization_files(region_code, organization_id, shards).poster


def organization_card(region_code: str, organization_id: str, lang: str = "", shards: int = 0) -> str:
    """A small page for a frame on the organisation's own site."""
    return lang + organization_files(region_code, organization_id, shards).card


def organization_observed(region_code: str, organization_id: str, lang: str = "", shards: int = 0) -> str:
    """What observers saw there, with their pictures; only where there are pictures that may be shown."""
    return lang + organization_files(region_code, organization_id, shards).observed


def observed_picture(photo_sha256: str) -> str:
    """The published copy of an operator's picture, by the SHA-256 of what the operator handed over.

    >>> observed_picture("ab" * 32)
    'observed/ab/abababababababababab.jpg'
    """
    return f"observed/{photo_sha256[:2]}/{photo_sha256[:20]}.jpg"


def review_photo(review_id: str, number: int, sha256: str) -> str:
    """The published copy of a photograph that was sent with a review; `sha256` is of its file in the package.

    >>> review_photo("7f3a", 1, "ab" * 32)
    'photos/ab/7f3a-1-abababababab.jpg'
    """
    return f"photos/{sha256[:2]}/{review_id}-{number}-{sha256[:12]}.jpg"


def review_photo_small(review_id: str, number: int, sha256: str) -> str:
    """The small copy of the same."""
    return review_photo(review_id, number, sha256).removesuffix(".jpg") + ".small.jpg"


def region(region_code: str, number: int = 1, lang: str = "") -> str:
    """A page of a region's list; page 1 is the region's own page with its map."""
    name = "index.html" if number == 1 else f"page-{number}.html"
    return f"{lang}regions/{region_code}/{name}"


def regions(lang: str = "") -> str:
    return f"{lang}regions/index.html"


def region_points(region_code: str) -> str:
    """Coordinates of a region's organisations in columns, for its map."""
    return f"regions/{region_code}/points.json"


def region_map_script(region_code: str) -> str:
    return f"regions/{region_code}/map.js"


def region_map_id(region_code: str) -> str:
    """The id of the map's element on a region's page, by which the map's script finds it."""
    return f"map_{region_code.replace('-', '_')}_1"


def region_aggregates(region_code: str, ending: str) -> str:
    """What is added up of a region: spheres, kinds, municipalities; `ending` is `json` or `csv`."""
    return f"regions/{region_code}/aggregates.{ending}"


def region_appeals(region_code: str, ending: str) -> str:
    """Official appeals of a region, sphere by sphere and year by year; `ending` is `json` or `csv`."""
    return f"regions/{region_code}/appeals.{ending}"


def sphere_aggregates(sphere_id: str, ending: str) -> str:
    """What is added up of a sphere in every region; `ending` is `json` or `csv`."""
    return f"spheres/{sphere_id}/aggregates.{ending}"


def region_silhouette(region_code: str) -> str:
    """A picture of all points of a region, the ground of the small map on each organisation's page."""
    return f"regions/{region_code}/points.svg"


def sphere(sphere_id: str, lang: str = "") -> str:
    return f"{lang}spheres/{sphere_id}/index.html"


def sphere_region(sphere_id: str, region_code: str, number: int = 1, lang: str = "") -> str:
    """The list of one sphere in one region, page by page."""
    name = f"{region_code}.html" if number == 1 else f"{region_code}-{number}.html"
    return f"{lang}spheres/{sphere_id}/{name}"


def assessment(assessment_id: str, lang: str = "") -> str:
    return f"{lang}assessments/{assessment_id}/index.html"


def reports(lang: str = "") -> str:
    return f"{lang}reports/index.html"


def report(region_code: str, year: int, lang: str = "") -> str:
    """What became of a region's rounds of a year; of all regions where `region_code` is empty.

    >>> report("70", 2025), report("", 2025)
    ('reports/70/2025/index.html', 'reports/all/2025/index.html')
    """
    return f"{lang}reports/{_report_folder(region_code)}/{year}/index.html"


def report_table(region_code: str, year: int) -> str:
    """The numbers of a report, CSV."""
    return f"reports/{_report_folder(region_code)}/{year}/report.csv"


def changed(region_code: str = "", lang: str = "") -> str:
    """What organisations of a region, or of all, have mended in the last twelve months."""
    folder = f"{_report_folder(region_code)}/" if region_code else ""
    return f"{lang}reports/{folder}changed/index.html"


def _report_folder(region_code: str) -> str:
    """`all` and `changed` are names of ours, which a region with such a code gives way to."""
    if not region_code:
        return "all"
    return f"region-{region_code}" if region_code in ("all", "changed") else region_code


def parties(table: str, number: int = 1, lang: str = "") -> str:
    """The list of `authorities`, `operators`, `councils` or `campaigns`, page by page; a further page ends with `.html`
    and can be no row's folder."""
    name = "index.html" if number == 1 else f"page-{number}.html"
    return f"{lang}{table}/{name}"


def authority(authority_id: str, lang: str = "") -> str:
    return f"{lang}authorities/{authority_id}/index.html"


def operator(operator_id: str, lang: str = "") -> str:
    return f"{lang}operators/{operator_id}/index.html"


def council(council_id: str, lang: str = "") -> str:
    return f"{lang}councils/{council_id}/index.html"


def campaign(campaign_id: str, lang: str = "") -> str:
    return f"{lang}campaigns/{campaign_id}/index.html"


def roster(roster_id: str, number: int = 1, lang: str = "") -> str:
    """A list that a council approved for a year, page by page."""
    name = "index.html" if number == 1 else f"page-{number}.html"
    return f"{lang}rosters/{roster_id}/{name}"


def roster_file(roster_id: str) -> str:
    """The whole list as a table, as the federal cabinet has it."""
    return f"rosters/{roster_id}/organizations.csv"


def cabinet_file(authority_id: str, section: str) -> str:
    """A section of the federal cabinet, filled for one authority.

    >>> cabinet_file("tomsk-health", "officials")
    'authorities/tomsk-health/cabinet/officials.csv'
    """
    return f"authorities/{authority_id}/cabinet/{section}.csv"


def method(method_id: str, lang: str = "") -> str:
    return f"{lang}methods/{method_id}/index.html"


def indicator(method_id: str, measure: str, lang: str = "") -> str:
    """An indicator of a method: what it measures, and the regions where it was measured."""
    return f"{lang}indicators/{method_id}/{measure}/index.html"


def indicator_region(method_id: str, measure: str, region_code: str, lang: str = "") -> str:
    """The kinds of organisations of a region that have an indicator."""
    return f"{lang}indicators/{method_id}/{measure}/{region_code}/index.html"


def indicator_list(
    method_id: str, measure: str, region_code: str, sphere_id: str, kind: str, number: int = 1, lang: str = ""
) -> str:
    """The organisations of one kind in a region by an indicator, page by page; `_` stands for no kind.

    >>> indicator_list("344n-2018", "1.1", "70", "education", "school", 2)
    'indicators/344n-2018/1.1/70/education.school.2.html'
    """
    page = "" if number == 1 else f".{number}"
    return f"{lang}indicators/{method_id}/{measure}/{region_code}/{sphere_id}.{kind or '_'}{page}.html"


def questionnaire(questionnaire_id: str, lang: str = "") -> str:
    """A form: what it asks and what each question feeds; printed, it is the sheet of paper."""
    return f"{lang}questionnaires/{questionnaire_id}/index.html"


def questionnaire_schema(questionnaire_id: str) -> str:
    """The Table Schema of a form's answers."""
    return f"questionnaires/{questionnaire_id}/answers.schema.json"


def questionnaire_xlsform(questionnaire_id: str) -> str:
    """A form for survey programs; the file's name tells whose it is after it was downloaded."""
    return f"questionnaires/{questionnaire_id}/{questionnaire_id}.xlsx"


def view_page(lang: str = "") -> str:
    """How pages may look: the settings for people who see little."""
    return f"{lang}view/index.html"


def map_page(lang: str = "") -> str:
    return f"{lang}map/index.html"


def search(lang: str = "") -> str:
    return f"{lang}search/index.html"


def search_file(kind: str, name: str) -> str:
    """A file of the search index; what its letter and name mean says `nok.search_store.Shard`.

    >>> search_file("p", "47"), search_file("n", "2915_4352")
    ('search/p/47.json', 'near/n/2915_4352.json')
    """
    return f"{'near' if kind in ('n', 'a', 'l') else 'search'}/{kind}/{name}.json"


def near(lang: str = "") -> str:
    """Organisations around a place; the browser finds them."""
    return f"{lang}near/index.html"


def compare(lang: str = "") -> str:
    return f"{lang}compare/index.html"


def municipality_key(name: str) -> str:
    """Eight hex digits that stand for a municipality in addresses: its name may hold any letter.

    >>> municipality_key("городской округ Томск")
    'fcd535df'
    """
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def municipality(region_code: str, name: str, lang: str = "") -> str:
    """What there is in one municipality; those that name none stand under an empty name."""
    return f"{lang}regions/{region_code}/m/{municipality_key(name)}.html"


def peers(region_code: str, name: str, sphere_id: str, kind: str, number: int = 1, lang: str = "") -> str:
    """A table of the organisations of one kind and municipality, page by page; `_` stands for no kind.

    >>> peers("70", "", "education", "school", 2)
    'regions/70/m/e3b0c442.education.school.2.html'
    """
    page = "" if number == 1 else f".{number}"
    return f"{lang}regions/{region_code}/m/{municipality_key(name)}.{sphere_id}.{kind or '_'}{page}.html"


def peers_medians(region_code: str) -> str:
    """The medians of every kind of a region, which comparisons show."""
    return f"regions/{region_code}/medians.json"


def favourites(lang: str = "") -> str:
    return f"{lang}favourites/index.html"


def data_page(lang: str = "") -> str:
    return f"{lang}data/index.html"


def data_file(package: str, version: str, name: str) -> str:
    """A file of a released package; `version` is a version or `latest`."""
    return f"data/{package}/{version}/{name}"


def api_page(lang: str = "") -> str:
    """The page that explains the API."""
    return f"{lang}api/index.html"


def check_page(lang: str = "") -> str:
    """Where a browser computes the numbers of an organisation again: `check/?o=<its JSON below the root>`."""
    return f"{lang}check/index.html"


def api_index() -> str:
    """Where programs begin: the build, its day, the addresses of the other files."""
    return "api/v1/index.json"


def api_openapi() -> str:
    return "api/v1/openapi.json"


def api_changes() -> str:
    return "api/v1/changes.json"


def api_regions() -> str:
    return "api/v1/regions.json"


def api_list(region_code: str, name: str, number: int | str) -> str:
    """A page of a list of a region: `organizations`, `scores` or `reviews`.

    >>> api_list("70", "scores", 2)
    'api/v1/regions/70/scores-2.json'
    """
    return f"api/v1/regions/{region_code}/{name}-{number}.json"


def api_inn(prefix: str) -> str:
    """Organisations whose ИНН begins with these four digits."""
    return f"api/v1/inn/{prefix}.json"


def api_methods() -> str:
    return "api/v1/methods.json"


def api_method(method_id: str) -> str:
    return f"api/v1/methods/{method_id}.json"


def data_versions(package: str) -> str:
    """Every version of a package, for programs."""
    return f"data/{package}/versions.json"


def data_changelog(package: str, ending: str = "html", lang: str = "") -> str:
    """What each release of a package brought: a page, and the same for programs."""
    return f"{lang}data/{package}/changelog.{ending}"


def data_catalogue() -> str:
    """All released packages in the terms of DCAT, for catalogues of data."""
    return "data/catalogue.jsonld"


def data_dictionary(lang: str = "") -> str:
    """What each column of the open data says."""
    return f"{lang}data/dictionary/index.html"


def open_data(name: str, file: str, lang: str = "") -> str:
    """A file of the Russian passport of open data: of the set `name`, or of all sets where it is empty."""
    return f"{lang}opendata/{name}/{file}" if name else f"{lang}opendata/{file}"


def data_key() -> str:
    """The public key that signatures of data are checked with."""
    return "data/minisign.pub"


def data_rules() -> str:
    """What published numbers follow from besides tables: methods, questionnaires, options."""
    return "data/rules.json"


def news_index(lang: str = "") -> str:
    return f"{lang}news/index.html"


def news(slug: str, lang: str = "") -> str:
    return f"{lang}news/{slug}.html"


def news_feed(lang: str = "") -> str:
    return f"{lang}news/feed.atom"


def editorial(slug: str, lang: str = "") -> str:
    """A page that an editor wrote (`content/pages`): about, rules, help."""
    return f"{lang}about/{slug}.html"


def sitemap(region_code: str | None = None, number: int = 1) -> str:
    """The sitemap, or a file of the pages of one region (empty: of none); no code of a region has a point or `_`."""
    if region_code is None:
        return "sitemap.xml"
    return f"sitemap.{region_code or '_'}.xml" if number == 1 else f"sitemap.{region_code or '_'}.{number}.xml"


def build_json() -> str:
    return "build.json"


def asset(name: str) -> str:
    """A style, script, font or picture whose name carries the hash of its content."""
    return f"static/{name}"


# ---- the widget ----------------------------------------------------------------------------------------------------


def rate(organization_id: str) -> str:
    return f"rate/{organization_id}"


def invited(organization_id: str, token: str) -> str:
    """The form for somebody who was invited to rate, once."""
    return f"i/{organization_id}/{token}"


def receipt(code: str) -> str:
    return f"receipt/{code}"


def my_receipts() -> str:
    """The receipts that this browser keeps."""
    return "receipt/"


def embed(organization_id: str) -> str:
    """The form for a frame on the organisation's own site."""
    return f"embed/{organization_id}"


def outbox() -> str:
    """The ratings that wait in this browser for a net."""
    return "rate/outbox/"


def desk(page: str = "") -> str:
    """The moderation desk: `reviews/`, `proposals/`, `accounts/`, `log/`, `sign-in` …"""
    return f"desk/{page}"


def receipt_photos(code: str, photo_id: str = "") -> str:
    """Where photographs are sent that belong to a rating, or one of them, for whoever sent it."""
    return f"receipt/{code}/photos/{photo_id}".removesuffix("/")


def desk_photo(photo_id: str) -> str:
    """A photograph at the moderation desk."""
    return f"desk/photos/{photo_id}"


def desk_review(review_id: str) -> str:
    """One review at the desk."""
    return f"desk/reviews/{review_id}"


def desk_summary(organization_id: str) -> str:
    """What an organisation is weak at, and what it left unanswered."""
    return f"desk/organizations/{organization_id}"


def desk_join(token: str) -> str:
    """Where an invited person chooses a password."""
    return f"desk/join/{token}"


def scan(placement_code: str) -> str:
    """What a person types from the stand."""
    return f"q/{placement_code}"


def rate_questionnaire(organization_id: str) -> str:
    """The whole questionnaire about an organisation, to be filled in."""
    return f"rate/{organization_id}/questionnaire"


def scan_questionnaire(placement_code: str) -> str:
    """The same for somebody who came by a printed code."""
    return f"q/{placement_code}/questionnaire"


def printed(widget_url: str, placement_code: str) -> str:
    """The text inside a QR code: capitals only, so that the alphanumeric mode makes it as small as can be.

    >>> printed("https://ocenka.example", "K7QM2XPT00")
    'HTTPS://OCENKA.EXAMPLE/Q/K7QM2XPT00'
    """
    return f"{widget_url.rstrip('/')}/{scan(placement_code)}".upper()


def printed_invitation(widget_url: str, organization_id: str, token: str) -> str:
    """The text inside the code of an invitation, in capitals as `printed`.

    >>> printed_invitation("https://ocenka.example", "school-12", "ab2c")
    'HTTPS://OCENKA.EXAMPLE/I/SCHOOL-12/AB2C'
    """
    return f"{widget_url.rstrip('/')}/{invited(organization_id, token)}".upper()


def typed(widget_url: str, placement_code: str) -> str:
    """The same address as a person reads it under the code.

    >>> typed("https://ocenka.example", "K7QM2XPT00")
    'ocenka.example/q/K7QM2XPT00'
    """
    return f"{widget_url.rstrip('/').split('://', 1)[-1]}/{scan(placement_code)}"


def code_of(widget_url: str, target: str) -> str | None:
    """The placement code that a printed `target` leads to, or `None` where it leads anywhere else: the way back from
    `printed`, by which what was printed is checked.

    >>> code_of("https://ocenka.example", "HTTPS://OCENKA.EXAMPLE/Q/MFKWV59B60")
    'MFKWV59B60'
    >>> code_of("https://ocenka.example", "HTTPS://OCENKA.EXAMPLE.EVIL/Q/MFKWV59B60") is None
    True
    """
    before, _, code = target.rpartition("/Q/")
    is_ours = before == widget_url.rstrip("/").upper() and parse_placement_code(code) == code
    return code if is_ours and printed(widget_url, code) == target else None


# ---- links ---------------------------------------------------------------------------------------------------------


def root_of(path: str) -> str:
    """How the page at `path` says "the site's root".

    >>> root_of("o/70/school-12.html"), root_of("index.html")
    ('../../', '')
    """
    return "../" * path.count("/")


def relative(target: str, origin: str) -> str:
    """The link from the page at `origin` to the path `target`; an index page is named by its folder.

    >>> relative("regions/70/index.html", "o/70/school-12.html"), relative("index.html", "index.html")
    ('../../regions/70/', './')
    """
    folder = target[: -len("index.html")] if _is_index(target) else target
    return root_of(origin) + folder or "./"


def beside(target: str, origin: str) -> str:
    """The shortest link from the page at `origin` to the path `target`: its name alone where both are in one folder.

    >>> beside("o/70/a.json", "o/70/a.html"), beside("o/70/a.json", "en/o/70/a.html")
    ('a.json', '../../../o/70/a.json')
    """
    folder, _, name = target.rpartition("/")
    return name if folder == origin.rpartition("/")[0] else relative(target, origin)


def absolute(public_url: str, path: str) -> str:
    """The canonical address, for the sitemap, feeds and the catalogue."""
    folder = path[: -len("index.html")] if _is_index(path) else path
    return f"{public_url.rstrip('/')}/{folder}"


def _is_index(path: str) -> bool:
    return path.endswith("/index.html") or path == "index.html"

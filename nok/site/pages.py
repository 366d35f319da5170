"""The pages that stand once: home, regions, spheres, methods, data, texts; and what names all other pages."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from nok import urls
from nok.compose import catalogue, choosing
from nok.compose.api import api_page, check_page
from nok.compose.changelog import changelog_page
from nok.compose.edition import Edition
from nok.compose.open_data import ReleasedFile, data_page, dictionary_page, passport_list_page, passport_page
from nok.compose.ratings import all_ratings_page
from nok.compose.reports import Year, report_page, reports_page, year_of, years_with_reports
from nok.json_text import compact_json
from nok.model import ComparePage, FavouritesPage, Link, NearPage, NewsItem, Page, SearchPage
from nok.records import Aggregate
from nok.render.api import method_json, methods_json, regions_json
from nok.render.catalogue import ADDRESSES_PER_SITEMAP, region_sitemaps, sitemap, sitemap_index
from nok.render.openapi import API_VERSION, openapi_json, paths_of
from nok.search_store import shards_for
from nok.site.data_store import DataRelease
from nok.site.editorial import Editorial, asked_of, keep_texts, recall_texts
from nok.site.files import FileWriter
from nok.site.makers.reports import changes_page, write_report_table
from nok.site.manifest import Manifest, Unit
from nok.site.open_data import OpenData
from nok.site.publication import Publication
from nok.site.rules import rules_json
from nok.site.worker import Worker
from nok.stuffing import rule_words
from nok.warehouse_facts import Group
from nok.warehouse_pack import digest


@dataclass(frozen=True, slots=True)
class Country:
    """What pages about the whole are made from. `look` is a digest of program, theme and configuration, `newest` the newest
    release of each package, `texts` a file for what editors wrote; `scratch` is an empty folder."""

    publication: Publication
    look: str
    worker: Worker
    newest: Mapping[str, DataRelease]
    data: OpenData
    build_id: str
    texts: Path
    scratch: Path


def single_pages(country: Country) -> None:
    """Writes the pages and feeds that stand once, in each language.

    Raises:
        ConfigError: a text of an editor cannot be published.
    """
    worker = country.worker
    editorial = _editorial(country)
    worker.writer.write(urls.data_rules(), rules_json(country.publication))
    for path, content in _api_files(country):
        worker.writer.write(path, content)
    for path, content in editorial.feeds.items():
        worker.writer.write(path, content)
    groups = worker.warehouse.groups()
    aggregates = {sphere: worker.warehouse.aggregates(sphere=sphere) for sphere in {group.sphere for group in groups}}
    for told in _years(worker, groups):
        write_report_table(worker, told)
    for edition in worker.editions.values():
        for path, page in _pages(country, editorial, groups, aggregates, edition):
            worker.write_page(page, path, edition)


def _editorial(country: Country) -> Editorial:
    """What editors wrote, as it was kept, or as Pelican reads it now."""
    publication, config = country.publication, country.publication.config
    numbers = rule_words(publication.stuffing_rules())
    said = (country.look, config.title, config.public_url, *config.languages, *map(repr, sorted(numbers.items())))
    asked = asked_of(publication.content, *said)
    editorial = recall_texts(country.texts, asked)
    if editorial is None:
        from nok.site.pelican_site import read_editorial  # as long to start as the pages of a small change

        editorial = read_editorial(
            publication.content,
            publication.theme,
            country.scratch / "editorial",
            title=config.title,
            languages=config.languages,
            public_url=config.public_url,
            numbers=numbers,
        )
        keep_texts(country.texts, asked, editorial)
    return editorial


def aggregate_files(worker: Worker) -> None:
    """Writes what is added up of each sphere, as data; once for all languages."""
    for sphere in {group.sphere for group in worker.warehouse.groups()}:
        found = worker.warehouse.aggregates(sphere=sphere)
        worker.write_aggregates(found, partial(urls.sphere_aggregates, sphere))


def aggregate_inputs(worker: Worker, look: str) -> str:
    """What those files are made from: they are the same while no score and no organisation comes or goes."""
    method_of = worker.main.method_of
    groups = [
        f"{group.region_code} {group.sphere} {group.assessment_id} {method_of.get(group.assessment_id)} {group.stamp}"
        for group in worker.warehouse.groups()
    ]
    return digest(look, *groups)


def _pages(
    country: Country,
    editorial: Editorial,
    groups: list[Group],
    aggregates: Mapping[str, Sequence[Aggregate]],
    edition: Edition,
) -> Iterator[tuple[str, Page]]:
    worker, lang = country.worker, edition.lang
    store, demonstration = worker.warehouse, bool(worker.demonstrations)
    news = _news(editorial, urls.home(lang), edition)
    yield (
        urls.home(lang),
        catalogue.home_page(groups, store.plan_counts(), news, _examples(country, edition), demonstration, edition),
    )
    for path in (urls.regions(lang), urls.map_page(lang)):
        yield path, catalogue.regions_page(groups, path, demonstration, edition)
    yield from _choosing(country, groups, edition)
    for sphere in catalogue.sphere_order({group.sphere for group in groups}, edition):
        shown = any(group.region_code in worker.demonstrations for group in groups if group.sphere == sphere)
        yield urls.sphere(sphere, lang), catalogue.sphere_page(sphere, groups, shown, edition, aggregates[sphere])
    yield from _reports(country, groups, edition)
    yield urls.ratings(lang), all_ratings_page(store.rating_numbers(), demonstration, edition)
    for method in country.publication.methods.values():
        forms = country.publication.shown_questionnaires
        measured = {measure for method_id, measure, *_ in store.indicator_lists if method_id == method.id}
        yield urls.method(method.id, lang), catalogue.method_page(method, forms, measured, edition)
    yield urls.data_page(lang), _data_page(country, edition)
    yield from _changelogs(country, edition)
    yield urls.api_page(lang), _api_page(country, edition)
    yield urls.check_page(lang), check_page(edition)
    yield from _told_of_data(country, edition)
    yield urls.view_page(lang), catalogue.view_page(edition)
    yield urls.not_found(lang), catalogue.not_found_page(edition)
    yield (
        urls.news_index(lang),
        catalogue.news_page(
            _news(editorial, urls.news_index(lang), edition), urls.news_feed(lang) in editorial.feeds, edition
        ),
    )
    for text in editorial.texts:
        if text.language == edition.language:
            yield (
                text.path,
                catalogue.editorial_page(
                    text.title, text.body, text.summary, text.day, text.path, edition, text.borrowed_from
                ),
            )


def _choosing(country: Country, groups: list[Group], edition: Edition) -> Iterator[tuple[str, Page]]:
    """Search, near me, comparison and favourites."""
    worker, lang = country.worker, edition.lang
    kinds, shards = worker.warehouse.kinds(), shards_for(worker.warehouse.number_of_organizations())
    for page, path, names in (
        (SearchPage, urls.search(lang), "search"),
        (NearPage, urls.near(lang), "near"),
        (ComparePage, urls.compare(lang), "compare"),
        (FavouritesPage, urls.favourites(lang), "favourites"),
    ):
        doors = catalogue.region_rows(groups, path, edition)
        about = (shards, bool(worker.demonstrations), edition)
        yield path, choosing.choosing_page(page, path, names, kinds, doors, *about)


def _years(worker: Worker, groups: Sequence[Group]) -> list[Year]:
    """The years of all regions together, newest first."""
    rounds, years = worker.warehouse.course_rounds(), worker.warehouse.course_years()
    found = years_with_reports(rounds, years, worker.periods)
    return [year_of("", year, groups, rounds, years, worker.periods) for year in found]


def _reports(country: Country, groups: list[Group], edition: Edition) -> Iterator[tuple[str, Page]]:
    """The list of reports and those of all regions; a region's own are units."""
    worker, lang, demonstration = country.worker, edition.lang, bool(country.worker.demonstrations)
    rounds, years = worker.warehouse.course_rounds(), worker.warehouse.course_years()
    every = _years(worker, groups)
    found = [told.year for told in every]
    regions = {
        code: years_with_reports(
            [item for item in rounds if item.region_code == code],
            [item for item in years if item.region_code == code],
            worker.periods,
        )
        for code in sorted({group.region_code for group in groups})
    }
    yield urls.reports(lang), reports_page(found, regions, demonstration, edition)
    for told in every:
        yield urls.report("", told.year, lang), report_page(told, found, demonstration, edition)
    yield urls.changed(lang=lang), changes_page(worker, "", demonstration, edition)


def _news(editorial: Editorial, origin: str, edition: Edition) -> list[NewsItem]:
    return [
        NewsItem(
            title=text.title,
            href=urls.relative(text.path, origin),
            day=edition.day(text.day) if text.day else "",
            summary=text.summary,
            lang=text.borrowed_from,
        )
        for text in editorial.news(edition.language)
    ]


def _examples(country: Country, edition: Edition) -> list[Link]:
    """Two pages to begin with: the organisations that most people have rated."""
    origin = urls.home(edition.lang)
    found = [row.organization for row in country.worker.warehouse.most_rated(2)]
    return [
        Link(text=item.title, href=edition.organization_link(item, origin), lang=edition.foreign(item.title))
        for item in found
    ]


def _data_page(country: Country, edition: Edition) -> Page:
    files = {
        name: [ReleasedFile(file.name, file.title, file.size, file.rows) for file in release.files]
        for name, release in country.newest.items()
    }
    versions = {name: release.version for name, release in country.newest.items()}
    packages = [package for package in country.worker.warehouse.packages() if package.name in versions]
    return data_page(packages, files, versions, country.data.markup, edition)


def _api_files(country: Country) -> Iterator[tuple[str, bytes]]:
    """The files of the API that stand once."""
    publication, warehouse = country.publication, country.worker.warehouse
    config, methods = publication.config, publication.methods
    files = {name: path for path, (name, _, _) in paths_of(config.address_shards).items()}
    about = {
        "version": API_VERSION,
        "build_id": country.build_id,
        "day": country.worker.main.today.isoformat(),
        "next_update": next_update(country.worker.main.today, config.update_days),
        "packages": {name: release.version for name, release in sorted(country.newest.items())},
        "files": files | {"openapi": urls.api_openapi()},
    }
    yield urls.api_index(), compact_json(about)
    yield urls.api_openapi(), openapi_json(config.title, API_VERSION, config.public_url, config.address_shards)
    yield urls.api_regions(), regions_json(warehouse.regions(), warehouse.groups())
    yield urls.api_methods(), methods_json(methods)
    for method in methods.values():
        yield urls.api_method(method.id), method_json(method)


def _api_page(country: Country, edition: Edition) -> Page:
    """The page of the API, with addresses that there are."""
    warehouse, config = country.worker.warehouse, country.publication.config
    example = next(iter(warehouse.most_rated(1)), None)
    given = {"page": "1"}
    if example is not None:
        one = example.organization
        given |= {"region_code": one.region_code, "organization_id": one.organization_id, "prefix": one.inn[:4]}
        given["shard"] = urls.address_shard(one.organization_id, config.address_shards)
    for method in country.publication.methods:
        given["method_id"] = method
        break
    return api_page(paths_of(config.address_shards), given, next_update(edition.today, config.update_days), edition)


def next_update(today: date, days: int) -> str | None:
    """The day of the next build as the publication promises it; `None` where it promises none."""
    return (today + timedelta(days=days)).isoformat() if days else None


def _changelogs(country: Country, edition: Edition) -> Iterator[tuple[str, Page]]:
    """What each release of each package brought."""
    for package in country.worker.warehouse.packages():
        if package.name in country.newest:
            entries = country.data.data.history(package.name)
            page = changelog_page(package, entries, edition, country.worker.warehouse.assessments())
            yield urls.data_changelog(package.name, lang=edition.lang), page


def _told_of_data(country: Country, edition: Edition) -> Iterator[tuple[str, Page]]:
    """The dictionary of columns, the register of open data and the passport of each set."""
    demonstration = bool(country.worker.demonstrations)
    tables = country.data.dictionary_views(edition.language)
    yield urls.data_dictionary(edition.lang), dictionary_page(tables, demonstration, edition)
    passports = list(country.data.passport_views())
    yield urls.open_data("", "index.html", edition.lang), passport_list_page(passports, demonstration, edition)
    for each in passports:
        yield urls.open_data(each.name, "index.html", edition.lang), passport_page(each, demonstration, edition)


def sitemap_files(
    public_url: str, writer: FileWriter, manifest: Manifest, before: Unit | None, changed: Collection[str]
) -> None:
    """Writes the sitemap of every page that the manifest knows; of a large site region by region.

    `before` is the sitemap as it stands, in which only the pages of regions in `changed` are wrong; `None`: all of it.
    """
    if manifest.totals()[0] <= ADDRESSES_PER_SITEMAP:
        pages = filter(is_listed, manifest.paths(ending=".html"))
        writer.write(urls.sitemap(), sitemap(public_url, pages).encode())
        return
    names = []
    for region_code in manifest.region_codes():
        first = urls.sitemap(region_code)
        kept = [file for file in before.files if file.path.startswith(first.removesuffix("xml"))] if before else []
        if kept and region_code not in changed:
            writer.keep(kept)
            names += [file.path for file in kept if file.path.endswith(".xml")]
            continue
        pages = filter(is_listed, manifest.paths(".html", region_code))
        for path, text in region_sitemaps(public_url, region_code, pages):
            writer.write(path, text.encode())
            names.append(path)
    writer.write(urls.sitemap(), sitemap_index(public_url, names).encode())


def is_listed(path: str) -> bool:
    """Search engines need neither the sheets to print, nor the cards, nor the page that is not found."""
    if "/opendata/" in f"/{path}":  # passports are of the newest release, which follows from the history of builds
        return False
    return path.endswith(".html") and not path.endswith((".poster.html", ".card.html", "404.html"))

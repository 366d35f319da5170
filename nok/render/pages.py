"""A page record to its HTML: which template serves which record, bound once for each language and depth."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nok import urls
from nok.config import Config
from nok.model import (
    ApiPage,
    AssessmentPage,
    CardPage,
    ChangedPage,
    ChangelogPage,
    CheckPage,
    ComparePage,
    DataPage,
    DictionaryPage,
    EditorialPage,
    FavouritesPage,
    HomePage,
    IndicatorListPage,
    IndicatorPage,
    MethodPage,
    MunicipalityPage,
    NearPage,
    NewsPage,
    NotFoundPage,
    ObservedPage,
    OrganizationPage,
    Page,
    PartyPage,
    PassportPage,
    PeersPage,
    PosterPage,
    QuestionnairePage,
    RatingListPage,
    RatingsPage,
    RegionPage,
    RegionsPage,
    ReportPage,
    ReportsPage,
    ReviewsPage,
    SearchPage,
    SpherePage,
    SphereRegionPage,
    ViewPage,
)
from nok.template_shelf import TemplateShelf
from nok.templating import Render, Theme, Words, make_site

TEMPLATES: Mapping[type[Page], str] = {
    AssessmentPage: "assessment.html",
    ApiPage: "api.html",
    CardPage: "card.html",
    CheckPage: "check.html",
    ComparePage: "compare.html",
    ChangedPage: "changed.html",
    ChangelogPage: "changelog.html",
    DataPage: "data.html",
    DictionaryPage: "dictionary.html",
    PassportPage: "passport.html",
    EditorialPage: "editorial.html",
    FavouritesPage: "favourites.html",
    HomePage: "home.html",
    IndicatorListPage: "indicator_list.html",
    IndicatorPage: "indicator.html",
    MethodPage: "method.html",
    MunicipalityPage: "municipality.html",
    NearPage: "near.html",
    NewsPage: "news.html",
    NotFoundPage: "not_found.html",
    ObservedPage: "observed.html",
    OrganizationPage: "organization.html",
    PeersPage: "peers.html",
    PartyPage: "party.html",
    PosterPage: "poster.html",
    QuestionnairePage: "questionnaire.html",
    RatingListPage: "rating_list.html",
    RatingsPage: "ratings.html",
    RegionPage: "region.html",
    RegionsPage: "regions.html",
    ReportPage: "report.html",
    ReportsPage: "reports.html",
    ReviewsPage: "reviews.html",
    SearchPage: "search.html",
    SpherePage: "sphere.html",
    SphereRegionPage: "sphere_region.html",
    ViewPage: "view.html",
}


@dataclass(slots=True)
class PageRenderer:
    """Renders pages of one publication; a template is read and flattened when it is first needed."""

    theme: Theme
    config: Config
    words: Mapping[str, Words]
    assets: Mapping[str, str]
    shelf: TemplateShelf | None = None
    _bound: dict[tuple[str, str, str], Render] = field(default_factory=dict)

    def render(self, page: Page, path: str, language: str) -> str:
        """The document of `page`, which will stand at `path` (with its language's prefix)."""
        template, root = TEMPLATES[type(page)], self._root(page, path)
        render = self._bound.get((template, language, root))
        if render is None:
            render = self._bound[template, language, root] = self._bind(template, language, root)
        return render(page)

    def _root(self, page: Page, path: str) -> str:
        """A page that is not found is served at any address, so its links begin at the root of the host."""
        return "/" if isinstance(page, NotFoundPage) else urls.root_of(path)

    def _bind(self, template: str, language: str, root: str) -> Render:
        config = self.config
        site = make_site(
            title=config.title_en if language == "en" else config.title,
            language=language,
            languages=config.languages,
            words=self.words[language],
            root=root,
            public_url=config.public_url,
            widget_url=config.widget_url,
            contact_email=config.contact_email,
            assets=self.assets,
        )
        return self.theme.bind(template, site, self.shelf)

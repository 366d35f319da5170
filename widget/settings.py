"""All that the widget is told from outside when it starts: places, addresses, the clock."""

import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nok.questionnaire import Questionnaire
from nok.records import REVIEW_CRITERIA
from nok.rude_words import RudeWords
from nok.stuffing import StuffingRules
from nok.vocabulary import Reasons
from widget.directory import Directory
from widget.engines import StorePlace
from widget.guard import GuardMode
from widget.oidc import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one running widget is.

    `site` is the built site (`output/current`), `None` where only ratings are taken. `assets` maps the logical name of
    an asset to its path below the site's root. `titles` holds the name of the publication in each language.
    """

    store: StorePlace
    directory: Directory
    theme: Path
    assets: Mapping[str, str]
    asset_contents: Mapping[str, bytes] = field(default_factory=dict)
    """The bytes of each of these paths, for a site that was built by an earlier program and has other assets."""
    today: Callable[[], date]
    own_words: Path | None = None
    """Where the publication keeps words of its own, see `nok.templating.read_words`."""
    site: Path | None = None
    languages: tuple[str, ...] = ("ru", "en")
    titles: Mapping[str, str]
    public_url: str
    widget_url: str
    contact_email: str = ""
    guard: GuardMode = GuardMode.FULL
    log: Callable[[str], None] | None = None
    """Gets a line of JSON for each request; `None` where no log is kept."""
    trusted_proxies: Container[str] = ()
    """Addresses of web servers in front, the only ones whose `X-Forwarded-For` is believed."""
    rules: StuffingRules = field(default_factory=StuffingRules)
    """When a request is refused and a rating set aside, as it is published."""
    sweep_seconds: float = 20.0
    """How often those who were just rated are looked at for stuffing."""
    clock: Callable[[], float] = time.monotonic
    body_seconds: float = 30.0
    """How long a request's body may take to arrive."""
    questionnaires: tuple[Questionnaire, ...] = ()
    """The forms that are shown; which of them an organisation is asked about by follows from its sphere and region."""
    reasons: Reasons = field(default_factory=lambda: Reasons(reasons={}))
    """Why a text may be hidden, in the words of the published rules."""
    rude_words: RudeWords = field(default_factory=RudeWords)
    """What the desk marks as swearing."""
    regions: Mapping[str, str] = field(default_factory=dict)
    """Code to name of the regions, for lists to choose from."""
    now: Callable[[], float] = time.time
    """Seconds since 1970: how long invitations and sessions at the desk hold. No rating depends on it."""
    provider: Provider | None = None
    """Through whom people may sign in to the desk besides by password."""
    offline: bool = True
    """Whether a service worker keeps forms and ratings that cannot be sent; where not, one that was there removes itself."""
    criteria: tuple[str, ...] = REVIEW_CRITERIA[:4]
    """What the receipt's form asks beside the rating; the others of `REVIEW_CRITERIA` are taken where they are sent."""

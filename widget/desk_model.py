"""What the templates of the desk may know: one frozen record for each page, every text ready to be shown."""

from dataclasses import dataclass

from widget.pages import Frame, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """An entry of the desk's menu."""

    text: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An entry of a list to choose from."""

    value: str
    text: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage(Frame):
    """What every page of the desk has; `csrf` proves that a form was ours."""

    heading: str
    lead: str = ""
    menu: tuple[MenuItem, ...] = ()
    who: str = ""
    csrf: str = ""
    sign_out: str = ""
    listed: str = ""
    """The query of a list, so that a decision taken in it leads back to it."""
    note: str = ""
    """What the last request did."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text; marked where it looks like personal data, rude where it swears."""

    text: str
    is_marked: bool
    is_rude: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskChoice:
    """Something that may be hidden of a text: `value` is where it stands, `text` what it says and of what kind it is."""

    value: str
    text: str


BOXES = 4
"""So many parts of a photograph may be blurred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoItem:
    """A photograph at the desk. `href` is what was sent (or what is published, for whoever does not moderate), `shown` what
    is published where that differs; `action` is empty where nothing may be decided."""

    photo_id: str
    href: str
    shown: str
    alt: str
    state: str
    action: str
    can_erase: bool
    reasons: tuple[Choice, ...]
    boxes: tuple[int, ...] = tuple(range(1, BOXES + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeItem:
    """A review that says nearly what the one above it says."""

    review_id: str
    short: str
    href: str
    organization: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupItem:
    """Texts that say nearly the same: how many, where all of them are, and those of this page, which stand here alone."""

    said: str
    href: str
    others: tuple[AlikeItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealItem:
    """What the author says against a decision, and what became of that: `answered` is empty while it waits."""

    heading: str
    text: str
    is_open: bool
    answered: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A review at the desk. What may be done with it is said by the `can_…`."""

    review_id: str
    short: str
    href: str
    stars: tuple[bool, ...]
    rating: str
    organization: str
    organization_href: str
    facts: tuple[str, ...]
    pieces: tuple[Piece, ...]
    said: str
    """In place of a text: that there is none, or why it is not shown."""
    found: str
    rude: str
    """How many words swear; empty for none."""
    standing: str
    is_reported: bool
    text_key: str
    action: str
    masks: tuple[MaskChoice, ...]
    reply: str
    reply_by: str
    can_decide: bool
    can_reply: bool
    can_report: bool
    reasons: tuple[Choice, ...]
    photos: tuple[PhotoItem, ...] = ()
    chosen: str = ""
    """The decision that was sent and refused, so that nobody has to choose it again."""
    more: str = ""
    """What was typed to be hidden besides."""
    appeal: AppealItem | None = None
    group: GroupItem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage(DeskPage):
    """A list of reviews with its filters."""

    items: tuple[Item, ...]
    action: str
    queues: tuple[MenuItem, ...]
    queue: str
    regions: tuple[Choice, ...]
    ratings: tuple[Choice, ...]
    organization: str
    newest_first: bool
    next_href: str
    can_decide: bool
    mass_action: str
    reasons: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """A line of a history: when, what, who, and what was said of it."""

    day: str
    number: int
    what: str
    who: str
    said: str
    href: str = ""
    """What it is about, where this account may open that."""
    organization: str = ""
    organization_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage(DeskPage):
    """One review with its history, and all that may be done with it."""

    item: Item
    action: str
    can_set_aside: bool
    can_accept: bool
    can_erase: bool
    can_dismiss: bool
    reports: tuple[str, ...]
    wordings: tuple[Happening, ...]
    history: tuple[Happening, ...]
    typed_reply: str
    typed_note: str
    must_confirm: bool = False
    can_settle: bool = False
    """Answer the appeal that waits."""
    is_own_decision: bool = False
    """True where somebody else must answer it."""
    settles_text: bool = False
    """True where granting it publishes the text, with what is ticked hidden."""
    verdict: str = ""
    typed_answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """A decision about many reviews that waits for a second person."""

    proposal_id: str
    heading: str
    lead: str
    texts: tuple[str, ...]
    is_mine: bool
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsPage(DeskPage):
    """All proposals that wait."""

    proposals: tuple[ProposalRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account with what an administrator may do to it."""

    account_id: str
    login: str
    role: str
    bound_to: str
    state: str
    asked_for: str
    is_request: bool
    can_close: bool
    roles: tuple[Choice, ...]
    organizations: str
    regions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsPage(DeskPage):
    """All accounts; `invitation` is shown once, right after it was made."""

    accounts: tuple[AccountRow, ...]
    action: str
    roles: tuple[Choice, ...]
    invitation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A number with its name."""

    title: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionLine:
    """`mean` is empty where too few have said it."""

    title: str
    mean: str
    marks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryPage(DeskPage):
    """What an organisation is weak at, and what it left unanswered."""

    facts: tuple[Fact, ...]
    criteria: tuple[CriterionLine, ...]
    unanswered_href: str
    unanswered: str
    others: tuple[Link, ...]
    code: str
    """The frame with the form for the organisation's own site."""
    hosts: tuple[str, ...]
    """Who may show it, beside the organisation's website."""
    website: str
    action: str
    can_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage(DeskPage):
    """The audit log, the newest entry first."""

    entries: tuple[Happening, ...]
    next_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(DeskPage):
    """Login, password, one-time code."""

    action: str
    login: str
    next: str
    request_href: str
    provider_href: str = ""
    """The way in through a provider of identities; empty where none is set up."""
    provider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinPage(DeskPage):
    """Where an invited person chooses a password and takes the secret of one-time codes into his app."""

    action: str
    login: str
    secret: str
    """The secret as it is sent back."""
    shown_secret: str
    totp_address: str
    qr_path: str
    """The dark modules of the code that apps scan, as SVG path data; `qr_size` modules on a side."""
    qr_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPage(DeskPage):
    """Where somebody asks for an account."""

    action: str
    roles: tuple[Choice, ...]
    login: str
    asked_for: str
    is_sent: bool = False

"""What the templates of the desk may know: one frozen record for each page, every text ready to be shown.

Whoever moderates sees a text as it was written, with what looks like personal data marked; everybody else sees what is
published of it, and why the rest is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode, urlsplit

from nok import urls
from nok.errors import Problem
from nok.personal_data import Finding, find_personal_data
from nok.records import SET_ASIDE
from nok.rude_words import find_rude_words
from nok.templating import NO_BREAK, Words, format_date, format_decimal, format_integer
from nok.vocabulary import Reasons
from widget.accounts import Account, Session
from widget.appeals import Appeal
from widget.audit import Entry
from widget.decisions import Action, mask
from widget.desk_queries import (
    COUNTED_TO,
    ENTRIES_ON_A_PAGE,
    Listed,
    Log,
    Proposal,
    Queue,
    Summary,
    Wanted,
    WholeReview,
    review_of,
)
from widget.embed import parse_host
from widget.look_alikes import COUNTED_TO as MOST_ALIKE
from widget.look_alikes import Group
from widget.moderation import PhotoStanding, ReviewStanding, TextStanding
from widget.pages import Frame, Link, View, appeal_note, sentences
from widget.reviews import StoredPhoto, StoredReview
from widget.roles import Right, Role, may_answer
from widget.totp_picture import code_path

LEAST_MARKS = 10
"""A mean of fewer marks would tell what single people said."""
_STARS = range(1, 6)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Whom a page of the desk is made for, and in which language. `waiting` is how many proposals wait."""

    view: View
    session: Session
    waiting: int = 0

    @property
    def account(self) -> Account:
        return self.session.account

    @property
    def words(self) -> Words:
        return self.view.words

    @property
    def reasons(self) -> Reasons:
        return self.view.settings.reasons

    def frame(
        self, name: str, heading: str, *, lead: str = "", note: str = "", problems: Sequence[Problem] = ()
    ) -> dict[str, object]:
        """The fields that every page has; `name` is its entry of the menu."""
        return {
            "title": heading,
            "description": heading,
            "address": self.view.path.lstrip("/"),
            "alternates": self.view.alternates(),
            "heading": heading,
            "lead": lead,
            "menu": self._menu(name),
            "who": self.words(f"desk.who_{self.account.role}", login=self.account.login),
            "csrf": self.session.csrf,
            "sign_out": self.view.here(urls.desk("sign-out")),
            "note": note,
            "problems": sentences(self.words, problems),
        }

    def _menu(self, current: str) -> tuple[MenuItem, ...]:
        entries = [("reviews", True)]
        entries += [
            ("proposals", self.account.may(Right.MODERATE)),
            ("summary", self.account.role is Role.ORGANIZATION),
            ("accounts", self.account.may(Right.ACCOUNTS)),
            ("log", self.account.may(Right.LOG)),
        ]
        return tuple(
            MenuItem(text=self._menu_text(name), href=self._menu_href(name), is_current=name == current)
            for name, is_there in entries
            if is_there
        )

    def _menu_text(self, name: str) -> str:
        text = self.words(f"desk.menu_{name}")
        return f"{text} ({self.waiting})" if name == "proposals" and self.waiting else text

    def _menu_href(self, name: str) -> str:
        if name == "summary":
            return self.view.here(urls.desk_summary(self.account.organizations[0]))
        return self.view.here(urls.desk(f"{name}/"))


# ---- reviews -------------------------------------------------------------------------------------------------------


def queues_of(account: Account) -> tuple[Queue, ...]:
    """The lists that an account sees; the first is where it begins."""
    if account.may(Right.MODERATE):
        return (
            Queue.WAITING,
            Queue.PHOTOS,
            Queue.APPEALS,
            Queue.REPORTED,
            Queue.SET_ASIDE,
            Queue.PUBLISHED,
            Queue.RESTRICTED,
            Queue.ALL,
        )
    return (Queue.UNANSWERED, Queue.PUBLISHED, Queue.RESTRICTED, Queue.ALL)


def queue_page(
    desk: Desk, wanted: Wanted, listed: Listed, organization: str, *, note: str = "", problems: Sequence[Problem] = ()
) -> QueuePage:
    """A list of reviews; `organization` is what was typed into its filter."""
    words = desk.words
    number = words.count(f"desk.count_{wanted.queue}", listed.count)
    heading = words("desk.more_than", number=number) if listed.count >= COUNTED_TO else number
    chosen = {
        "queue": str(wanted.queue),
        "region": wanted.region,
        "organization": organization,
        "rating": str(wanted.rating or ""),
        "order": "new" if wanted.newest_first else "",
        "like": wanted.like,
    }
    can_decide = desk.account.may(Right.MODERATE)
    return QueuePage(
        **desk.frame(
            "reviews",
            heading,
            lead=words("desk.lead_alike" if wanted.like else f"desk.lead_{wanted.queue}"),
            note=note,
            problems=problems,
        ),  # type: ignore[arg-type]
        listed=_query(desk, chosen | {"after": str(wanted.after or "")}).partition("?")[2],
        items=tuple(_items(desk, wanted, listed)),
        action=f"/{urls.desk('reviews/')}",
        queues=_tabs(desk, wanted.queue, listed.due),
        queue=str(wanted.queue),
        regions=_regions(desk, wanted.region),
        ratings=tuple(Choice(value=str(n), text=str(n), is_chosen=n == wanted.rating) for n in _STARS),
        organization=organization,
        newest_first=wanted.newest_first,
        next_href=_query(desk, chosen | {"after": str(listed.next_after)}) if listed.next_after else "",
        can_decide=can_decide,
        mass_action=desk.view.here(urls.desk("proposals/")),
        reasons=reason_choices(desk),
    )


def _items(desk: Desk, wanted: Wanted, listed: Listed) -> Iterator[Item]:
    """The reviews of a page; those that say nearly what an earlier one says stand below that one."""
    below: dict[str, list[StoredReview]] = {}
    leads: dict[tuple[str, ...], str] = {}
    for review in listed.reviews:
        group = listed.groups.get(review.review_id)
        members = group.members if group and not wanted.like else (review.review_id,)
        lead = next((leads[known] for known in leads if review.review_id in known), "")
        if lead:
            below[lead].append(review)
        else:
            leads[members] = review.review_id
            below[review.review_id] = []
    for review in listed.reviews:
        if review.review_id in below:
            group = listed.groups.get(review.review_id) if not wanted.like else None
            yield item(
                desk,
                review,
                is_reported=review.review_id in listed.reported,
                appeal=listed.appeals.get(review.review_id),
                group=_group(desk, review, group, below[review.review_id]) if group else None,
            )


def _group(desk: Desk, review: StoredReview, group: Group, others: Sequence[StoredReview]) -> GroupItem:
    words, names = desk.words, desk.view.settings.directory.organizations
    number = words.count("desk.alike", min(group.number, MOST_ALIKE))
    said = words("desk.more_than", number=number) if group.number > MOST_ALIKE else number
    return GroupItem(
        said=words("desk.alike_where", number=said, where=words.count("desk.alike_organizations", group.organizations)),
        href=_query(desk, {"queue": str(Queue.ALL), "like": review.review_id}),
        others=tuple(
            AlikeItem(
                review_id=one.review_id,
                short=one.review_id[:8],
                href=desk.view.here(urls.desk_review(one.review_id)),
                organization=names[one.organization_id].name if one.organization_id in names else one.organization_id,
                facts=_facts(desk, one),
            )
            for one in others
        ),
    )


def _tabs(desk: Desk, current: Queue, due: Mapping[Queue, int]) -> tuple[MenuItem, ...]:
    return tuple(
        MenuItem(
            text=desk.words(f"desk.queue_{queue}") + (f" ({due[queue]})" if due.get(queue) else ""),
            href=_query(desk, {"queue": str(queue)}),
            is_current=queue is current,
        )
        for queue in queues_of(desk.account)
    )


def _query(desk: Desk, values: Mapping[str, str]) -> str:
    said = {name: value for name, value in values.items() if value}
    if desk.view.query:
        said["lang"] = desk.view.language
    return f"/{urls.desk('reviews/')}?{urlencode(said)}"


def _regions(desk: Desk, chosen: str) -> tuple[Choice, ...]:
    """The regions to choose from; none where somebody sees one only."""
    scope = desk.account.scope
    cards = desk.view.settings.directory.organizations.values()
    codes = sorted({card.region_code for card in cards}) if scope.is_all else sorted(scope.regions)
    names = desk.view.settings.regions
    if len(codes) < 2:
        return ()
    return tuple(Choice(value=code, text=names.get(code, code), is_chosen=code == chosen) for code in codes)


def is_shown_whole(review: StoredReview) -> bool:
    """Will the next release show what belongs to a review, its photographs among it?"""
    is_hidden = review.text_standing in (TextStanding.REJECTED, TextStanding.ERASED)
    return review.standing is ReviewStanding.ACCEPTED and not is_hidden


def item(
    desk: Desk,
    review: StoredReview,
    *,
    is_reported: bool = False,
    appeal: Appeal | None = None,
    group: GroupItem | None = None,
    typed: Mapping[str, str] | None = None,
) -> Item:
    """A review as this account may see it; `typed` is what was sent and refused."""
    account, words = desk.account, desk.words
    sees_all = account.may(Right.MODERATE)
    findings = find_personal_data(review.text) if sees_all else []
    rude = find_rude_words(review.text, desk.view.settings.rude_words) if sees_all else []
    card = desk.view.settings.directory.organizations.get(review.organization_id)
    is_withdrawn = review.standing is ReviewStanding.WITHDRAWN
    return Item(
        review_id=review.review_id,
        short=review.review_id[:8],
        href=desk.view.here(urls.desk_review(review.review_id)),
        stars=tuple(star <= review.rating for star in _STARS),
        rating=words("desk.rating", rating=review.rating),
        organization=card.name if card else review.organization_id,
        organization_href=desk.view.here(urls.desk_summary(review.organization_id))
        if account.may(Right.SUMMARY)
        else "",
        facts=_facts(desk, review),
        pieces=_pieces(review.text if sees_all else _public_text(review), findings, rude),
        said=_said(desk, review, sees_all=sees_all),
        found=_found(words, findings, review) if sees_all else "",
        rude=words.count("desk.rude", len(rude)) if rude else "",
        standing=_standing(desk, review),
        is_reported=is_reported,
        text_key=review.text_key,
        action=desk.view.here(urls.desk_review(review.review_id)),
        masks=_masks(words, review.text, findings),
        reply=review.reply.text if review.reply else "",
        reply_by=words("desk.reply_by", date=_day(desk, review.reply.replied_on)) if review.reply else "",
        can_decide=sees_all and not is_withdrawn and bool(review.text),
        can_reply=account.may(Right.REPLY) and may_answer(review),
        can_report=account.may(Right.REPORT) and not is_withdrawn,
        reasons=reason_choices(desk, (typed or {}).get("reason", "") or review.text_reason),
        photos=tuple(
            _photo(desk, photo, is_seen=is_shown_whole(review))
            for photo in review.photos
            if sees_all or photo.standing is PhotoStanding.PUBLISHED
        ),
        chosen=(typed or {}).get("action", ""),
        more=(typed or {}).get("more", ""),
        appeal=_appeal(desk, appeal) if appeal and sees_all else None,
        group=group,
    )


def _appeal(desk: Desk, appeal: Appeal) -> AppealItem:
    return AppealItem(
        heading=desk.words("desk.appeal_of", date=_day(desk, appeal.made_on)),
        text=appeal.text,
        is_open=appeal.is_open,
        answered="" if appeal.is_open else appeal_note(desk.view, appeal),
        answer=appeal.answer,
    )


def _photo(desk: Desk, photo: StoredPhoto, *, is_seen: bool) -> PhotoItem:
    moderates, words = desk.account.may(Right.MODERATE), desk.words
    name = "blurred" if photo.is_blurred else str(photo.standing)
    if photo.standing is PhotoStanding.PUBLISHED and not is_seen:
        name = "unseen"
    gaps = {"reason": _reason(desk, photo.reason_code)} if photo.standing is PhotoStanding.HIDDEN else {}
    href = f"/{urls.desk_photo(photo.photo_id)}"
    return PhotoItem(
        photo_id=photo.photo_id,
        href=href,
        shown=f"{href}?shown=1" if moderates and photo.is_blurred else "",
        alt=words("widget.photo_alt", number=photo.number),
        state=words(f"desk.photo_{name}", **gaps),
        action=desk.view.here(urls.desk_photo(photo.photo_id)) if moderates else "",
        can_erase=desk.account.may(Right.ERASE),
        reasons=reason_choices(desk, photo.reason_code),
    )


def _public_text(review: StoredReview) -> str:
    is_public = review.standing is ReviewStanding.ACCEPTED and review.text_standing is TextStanding.PUBLISHED
    return review.shown if is_public else ""


def _facts(desk: Desk, review: StoredReview) -> tuple[str, ...]:
    received = _day(desk, review.received_on)
    waits = (desk.view.settings.today() - date.fromisoformat(review.received_on)).days
    is_waiting = review.text_standing is TextStanding.WAITING
    said = [desk.words.count("desk.waits", waits) if is_waiting and waits > 0 else received]
    said.append(desk.words(f"desk.channel_{review.channel}"))
    said += [f"{desk.words(f'widget.field_{name}')} {mark}" for name, mark in review.criteria]
    return tuple(said)


def _pieces(text: str, findings: Sequence[Finding], rude: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    spans = [(found.start, found.end, False) for found in findings] + [(start, end, True) for start, end in rude]
    pieces, last = [], 0
    for start, end, is_rude in sorted(spans):
        if start >= last:
            pieces += [Piece(text=text[last:start], is_marked=False)]
            pieces += [Piece(text=text[start:end], is_marked=not is_rude, is_rude=is_rude)]
            last = end
    pieces.append(Piece(text=text[last:], is_marked=False))
    return tuple(piece for piece in pieces if piece.text)


def _said(desk: Desk, review: StoredReview, *, sees_all: bool) -> str:
    if review.standing is ReviewStanding.WITHDRAWN:
        return desk.words("desk.said_withdrawn")
    if review.text_standing in (TextStanding.REJECTED, TextStanding.ERASED) and not (sees_all and review.text):
        return desk.words(f"desk.said_{review.text_standing}", reason=_reason(desk, review.text_reason))
    if review.text_standing is TextStanding.WAITING and not sees_all:
        return desk.words("desk.said_waiting")
    if review.standing is ReviewStanding.SET_ASIDE and not sees_all:
        return desk.words("desk.said_set_aside")
    return "" if review.text or (review.shown and not sees_all) else desk.words("desk.said_none")


def _standing(desk: Desk, review: StoredReview) -> str:
    words, said = desk.words, []
    if review.standing is ReviewStanding.SET_ASIDE:
        why = "desk.aside_by_person" if review.reason_code == SET_ASIDE else f"desk.aside_{review.reason_code}"
        said.append(words(why.replace("-", "_")))
    if review.text_standing is TextStanding.PUBLISHED:
        said.append(words("desk.text_masked" if review.is_masked else "desk.text_published"))
    if review.text_standing is TextStanding.REJECTED:
        said.append(words("desk.said_rejected", reason=_reason(desk, review.text_reason)))
    return " ".join(said)


def _found(words: Words, findings: Sequence[Finding], review: StoredReview) -> str:
    if not review.text:
        return ""
    if not findings:
        return words("desk.found_nothing")
    kinds = dict.fromkeys(words(f"desk.kind_{found.kind}") for found in findings)
    return words("desk.found", kinds=", ".join(kinds))


def _masks(words: Words, text: str, findings: Sequence[Finding]) -> tuple[MaskChoice, ...]:
    return tuple(
        MaskChoice(
            value=f"{found.start}-{found.end}",
            text=words("desk.mask", text=text[found.start : found.end], kind=words(f"desk.kind_{found.kind}")),
        )
        for found in findings
    )


def reason_choices(desk: Desk, chosen: str = "") -> tuple[Choice, ...]:
    """The published reasons to hide a text; what is set aside has a decision of its own."""
    return tuple(
        Choice(
            value=reason.code,
            text=f"{reason.rule} {reason.shown.get(desk.view.language, reason.code)}".strip(),
            is_chosen=reason.code == chosen,
        )
        for reason in desk.reasons.reasons.values()
        if reason.code != SET_ASIDE
    )


def _reason(desk: Desk, code: str) -> str:
    reason = desk.reasons.reason(code)
    shown = reason.shown.get(desk.view.language, code)
    return f"{shown} ({reason.rule})" if reason.rule else shown


def review_page(
    desk: Desk,
    whole: WholeReview,
    *,
    note: str = "",
    problems: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
    must_confirm: bool = False,
) -> ReviewPage:
    """One review; `typed` is what was sent and refused."""
    review, account = whole.review, desk.account
    moderates = account.may(Right.MODERATE)
    is_reported = any(report.state == "open" for report in whole.reports)
    is_disputed = moderates and whole.appeal is not None and whole.appeal.is_open
    is_own = account.account_id in whole.deciders
    return ReviewPage(
        **desk.frame("reviews", desk.words("desk.review", short=review.review_id[:8]), note=note, problems=problems),  # type: ignore[arg-type]
        item=item(desk, review, is_reported=is_reported, appeal=whole.appeal, typed=typed),
        action=desk.view.here(urls.desk_review(review.review_id)),
        can_set_aside=moderates and review.standing is ReviewStanding.ACCEPTED,
        can_accept=moderates and review.standing is ReviewStanding.SET_ASIDE,
        can_erase=account.may(Right.ERASE)
        and review.text_standing in (TextStanding.WAITING, TextStanding.PUBLISHED, TextStanding.REJECTED),
        can_dismiss=moderates and is_reported,
        reports=tuple(
            desk.words(
                f"desk.report_{report.state}",
                date=_day(desk, report.reported_on),
                login=report.login if moderates else NO_BREAK,
                reason=_reason(desk, report.reason_code),
                note=report.note or NO_BREAK,
            )
            for report in whole.reports
        ),
        wordings=tuple(
            Happening(day=_day(desk, reply.replied_on), number=reply.version, what=reply.text, who="", said="")
            for reply in whole.wordings[:-1]
        ),
        history=tuple(_happening(desk, entry, login) for entry, login in whole.history) if moderates else (),
        typed_reply=(typed or {}).get("reply", "") or (review.reply.text if review.reply else ""),
        typed_note=(typed or {}).get("note", ""),
        must_confirm=must_confirm,
        can_settle=is_disputed and not is_own,
        is_own_decision=is_disputed and is_own,
        settles_text=review.text_standing is TextStanding.REJECTED or review.is_masked,
        verdict=(typed or {}).get("verdict", ""),
        typed_answer=(typed or {}).get("answer", ""),
    )


def _happening(desk: Desk, entry: Entry, login: str) -> Happening:
    actor = entry.actor.split(":", 1)[0].replace("-", "_")
    return Happening(
        day=_day(desk, entry.happened_on) if entry.happened_on else "",
        number=entry.number,
        what=desk.words(f"desk.did_{entry.action.replace('-', '_')}"),
        who=login or desk.words(f"desk.actor_{actor}"),
        said=entry.subject,
    )


# ---- other pages ---------------------------------------------------------------------------------------------------


def proposals_page(
    desk: Desk, proposals: Sequence[Proposal], *, note: str = "", problems: Sequence[Problem] = ()
) -> ProposalsPage:
    """Decisions about many reviews, each with all of them, so that the second person reads what he signs."""
    return ProposalsPage(
        **desk.frame(  # type: ignore[arg-type]
            "proposals",
            desk.words("desk.proposals"),
            lead=desk.words("desk.proposals_lead"),
            note=note,
            problems=problems,
        ),
        proposals=tuple(_proposal_row(desk, proposal) for proposal in proposals),
    )


def _proposal_row(desk: Desk, proposal: Proposal) -> ProposalRow:
    words = desk.words
    what = words(f"desk.do_{proposal.action}")
    reason = f": {_reason(desk, proposal.reason_code)}" if proposal.reason_code else ""
    return ProposalRow(
        proposal_id=proposal.proposal_id,
        heading=f"{what}{reason}",
        lead=words(
            "desk.proposed",
            number=words.count("desk.reviews", proposal.number),
            login=proposal.login,
            date=_day(desk, proposal.made_on),
        ),
        texts=tuple(
            f"{review.rating}{NO_BREAK}— {_without_personal_data(review.text) or words('desk.said_none')}"
            for review in proposal.reviews
        ),
        is_mine=proposal.made_by == desk.account.account_id,
        action=desk.view.here(urls.desk(f"proposals/{proposal.proposal_id}")),
    )


def _without_personal_data(text: str) -> str:
    """A text as a proposal would publish it."""
    return mask(text, [(found.start, found.end) for found in find_personal_data(text)])


def accounts_page(
    desk: Desk,
    accounts: Sequence[Account],
    *,
    invitation: str = "",
    note: str = "",
    problems: Sequence[Problem] = (),
) -> AccountsPage:
    """All accounts, those that ask for one first."""
    words = desk.words
    return AccountsPage(
        **desk.frame(
            "accounts", words("desk.accounts"), lead=words("desk.accounts_lead"), note=note, problems=problems
        ),  # type: ignore[arg-type]
        accounts=tuple(_account_row(desk, account) for account in accounts),
        action=desk.view.here(urls.desk("accounts/")),
        roles=role_choices(words, Role.MODERATOR),
        invitation=invitation,
    )


def _account_row(desk: Desk, account: Account) -> AccountRow:
    names = desk.view.settings.directory.organizations
    bound = [names[one].name if one in names else one for one in account.organizations]
    bound += [desk.view.settings.regions.get(code, code) for code in account.regions]
    return AccountRow(
        account_id=account.account_id,
        login=account.login,
        role=desk.words(f"desk.role_{account.role}"),
        bound_to=", ".join(bound) or desk.words("desk.bound_to_all"),
        state=desk.words(f"desk.account_{account.state}"),
        asked_for=account.asked_for,
        is_request=account.state == "requested",
        can_close=account.state != "closed" and account.account_id != desk.account.account_id,
        roles=role_choices(desk.words, account.role),
        organizations=" ".join(account.organizations),
        regions=" ".join(account.regions),
    )


def role_choices(words: Words, chosen: Role, roles: Sequence[Role] = tuple(Role)) -> tuple[Choice, ...]:
    """The roles to choose from."""
    return tuple(Choice(value=str(role), text=words(f"desk.role_{role}"), is_chosen=role is chosen) for role in roles)


def summary_page(
    desk: Desk, organization_id: str, summary: Summary, hosts: Sequence[str] = (), *, problems: Sequence[Problem] = ()
) -> SummaryPage:
    """What an organisation is weak at; a mean of few marks is not told."""
    words, settings = desk.words, desk.view.settings
    card = settings.directory.organizations.get(organization_id)
    mean = format_decimal(_mean(summary.total, summary.ratings), 1, desk.view.language) if summary.ratings else "—"
    others = [one for one in desk.account.organizations if one != organization_id]
    names = settings.directory.organizations
    return SummaryPage(
        **desk.frame(
            "summary", card.name if card else organization_id, lead=words("desk.summary_lead"), problems=problems
        ),  # type: ignore[arg-type]
        facts=(
            Fact(title=words("desk.fact_ratings"), value=format_integer(summary.ratings)),
            Fact(title=words("desk.fact_mean"), value=mean),
            Fact(title=words("desk.fact_texts"), value=format_integer(summary.published)),
            Fact(title=words("desk.fact_unanswered"), value=format_integer(summary.unanswered)),
        ),
        criteria=tuple(
            CriterionLine(
                title=words(f"widget.field_{name}"),
                mean=format_decimal(_mean(total, marks), 1, desk.view.language) if marks >= LEAST_MARKS else "",
                marks=format_integer(marks),
            )
            for name, marks, total in summary.criteria
        ),
        unanswered_href=_query(desk, {"queue": str(Queue.UNANSWERED), "organization": organization_id}),
        unanswered=words.count("desk.count_unanswered", summary.unanswered),
        others=tuple(
            Link(text=names[one].name if one in names else one, href=desk.view.here(urls.desk_summary(one)))
            for one in others
        ),
        code=embed_code(desk.view, organization_id),
        hosts=tuple(hosts),
        website=parse_host(card.website) if card else "",
        action=desk.view.here(urls.desk_summary(organization_id)),
        can_change=desk.account.may(Right.ACCOUNTS),
    )


def embed_code(view: View, organization_id: str) -> str:
    """The frame as an organisation puts it on its site, with a plain link inside for browsers that show none."""
    address = urls.absolute(view.settings.widget_url, urls.embed(organization_id))
    plain = urls.absolute(view.settings.widget_url, urls.rate(organization_id))
    title = view.words("widget.question")
    return f'<iframe src="{address}" title="{title}" width="320" height="420"><a href="{plain}">{title}</a></iframe>'


def _mean(total: int, number: int) -> Decimal:
    return Decimal(total) / number


def log_page(desk: Desk, log: Log) -> LogPage:
    """A page of the log."""
    shown = [
        _linked(desk, entry, _happening(desk, entry, login), log) for entry, login in log.entries[:ENTRIES_ON_A_PAGE]
    ]
    has_more = len(log.entries) > ENTRIES_ON_A_PAGE
    return LogPage(
        **desk.frame("log", desk.words("desk.log"), lead=desk.words("desk.log_lead")),  # type: ignore[arg-type]
        entries=tuple(shown),
        next_href=f"/{urls.desk('log/')}?{urlencode({'before': shown[-1].number, 'lang': desk.view.language})}"
        if has_more
        else "",
    )


def _linked(desk: Desk, entry: Entry, line: Happening, log: Log) -> Happening:
    """A line of the log with the ways to what it is about, as far as this account may go."""
    kind, _, name = entry.subject.partition(":")
    if organization_id := log.organizations.get(review_of(entry), name if kind == "organization" else ""):
        card = desk.view.settings.directory.organizations.get(organization_id)
        is_summed_up = desk.account.may(Right.SUMMARY)
        listed = _query(desk, {"queue": str(Queue.ALL), "organization": organization_id})
        line = replace(
            line,
            organization=card.name if card else organization_id,
            organization_href=desk.view.here(urls.desk_summary(organization_id)) if is_summed_up else listed,
        )
    if review_of(entry) in log.organizations:
        return replace(line, href=desk.view.here(urls.desk_review(review_of(entry))))
    if kind == "account" and desk.account.may(Right.ACCOUNTS):
        return replace(line, href=f"{desk.view.here(urls.desk('accounts/'))}#a-{name}")
    return line


def _day(desk: Desk, day: str) -> str:
    return format_date(date.fromisoformat(day), desk.view.language)


# ---- before somebody is signed in ----------------------------------------------------------------------------------


def _outside(view: View, heading_key: str, problems: Sequence[Problem] = ()) -> dict[str, object]:
    heading = view.words(heading_key)
    return {
        "title": heading,
        "description": heading,
        "address": view.path.lstrip("/"),
        "alternates": view.alternates(),
        "heading": heading,
        "problems": sentences(view.words, problems),
    }


def sign_in_page(view: View, *, login: str = "", next_path: str = "", problems: Sequence[Problem] = ()) -> SignInPage:
    """The form for people with an account."""
    return SignInPage(
        **_outside(view, "desk.sign_in", problems),  # type: ignore[arg-type]
        action=view.here(urls.desk("sign-in")),
        login=login,
        next=next_path,
        request_href=view.here(urls.desk("request")),
        provider_href=_provider_href(view, next_path),
        provider=urlsplit(view.settings.provider.issuer).hostname or "" if view.settings.provider else "",
    )


def _provider_href(view: View, next_path: str) -> str:
    if view.settings.provider is None:
        return ""
    return f"/{urls.desk('provider')}" + (f"?{urlencode({'next': next_path})}" if next_path else "")


def join_page(
    view: View, token: str, login: str, secret: str, totp_address: str, *, problems: Sequence[Problem] = ()
) -> JoinPage:
    """The form for an invited person."""
    qr_path, qr_size = code_path(totp_address)
    return JoinPage(
        **_outside(view, "desk.join", problems),  # type: ignore[arg-type]
        action=view.here(urls.desk_join(token)),
        login=login,
        secret=secret,
        shown_secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        totp_address=totp_address,
        qr_path=qr_path,
        qr_size=qr_size,
    )


def request_page(
    view: View, *, typed: Mapping[str, str] | None = None, is_sent: bool = False, problems: Sequence[Problem] = ()
) -> RequestPage:
    """The form for somebody who asks for an account; an administrator is only ever invited."""
    typed = typed or {}
    chosen = typed.get("role", Role.ORGANIZATION)
    roles = (Role.ORGANIZATION, Role.MODERATOR, Role.AUTHORITY)
    return RequestPage(
        **_outside(view, "desk.request_sent" if is_sent else "desk.request", problems),  # type: ignore[arg-type]
        action=view.here(urls.desk("request")),
        roles=role_choices(view.words, Role(chosen) if chosen in roles else Role.ORGANIZATION, roles),
        login=typed.get("login", ""),
        asked_for=typed.get("asked_for", ""),
        is_sent=is_sent,
    )


DECIDED = {
    Action.PUBLISH: "desk.done_publish",
    Action.RESTRICT: "desk.done_restrict",
    Action.SET_ASIDE: "desk.done_set_aside",
    Action.ACCEPT: "desk.done_accept",
}
"""What a page says after each decision."""

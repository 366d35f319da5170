"""What the widget's templates may know: one frozen record for each page, every text ready to be shown.

The records have the fields that `base.html` reads of every page. Here stands which words a state gets; nothing here
knows HTTP or the store's file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from nok import urls
from nok.errors import Problem
from nok.messages import visible
from nok.personal_data import find_personal_data
from nok.templating import NO_BREAK, Words, format_date, is_cyrillic, language_name
from widget.appeals import Appeal
from widget.directory import OrganizationCard
from widget.keys import group_receipt
from widget.moderation import PhotoStanding, ReviewStanding, TextStanding
from widget.photo_store import MOST_PHOTOS
from widget.proof import Challenge
from widget.reviews import StoredPhoto, StoredReview
from widget.settings import Settings
from widget.submission import MAXIMUM_TEXT_GRAPHEMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`lang` is set where the text is in another language than the page."""

    text: str
    href: str
    lang: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page has. `address` is its path below the widget's root; `alternates` are its other languages."""

    title: str
    description: str
    address: str
    alternates: tuple[Link, ...]
    is_demonstration: bool = False
    crumbs: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The organisation that is rated, with the ways out; `lang` is set where its name is foreign to the page."""

    name: str
    place_line: str
    lang: str
    href: str
    others_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePage(Frame):
    """The form: five buttons. `problems` are sentences about what was sent before."""

    subject: Subject
    action: str
    idempotency_key: str
    form_token: str
    work: str
    """What the script of the form works for."""
    placement_code: str
    invitation: str = ""
    questionnaire_href: str = ""
    """Where the whole questionnaire is, while answers are collected."""
    outbox_href: str = ""
    """Where ratings wait that could not be sent, while forms work without a net."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRow:
    """`value` is `1`–`5`, or empty for "cannot say"."""

    name: str
    title: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A part of a text in a preview; `is_masked` where it looks like personal data, which a moderator hides."""

    text: str
    is_masked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPhoto:
    """A photograph on its sender's receipt: where it is, where it stands, and where it is taken back."""

    href: str
    alt: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPage(Frame):
    """What became of a rating, and the form to complete it or take it back."""

    subject: Subject
    heading: str
    code: str
    states: tuple[str, ...]
    can_change: bool
    is_saved: bool
    action: str
    criteria: tuple[CriterionRow, ...]
    text: str
    maximum: int
    shown: str = ""
    """What is published of the text, where a moderator hid a part of it."""
    reply: str = ""
    reply_by: str = ""
    """Who replied and when, as a heading of the reply."""
    my_href: str
    photos: tuple[OwnPhoto, ...] = ()
    photos_left: int = 0
    """How many more may be sent."""
    photos_action: str = ""
    draft: str = ""
    """Under which name a script keeps a text that is being written; it does not open the receipt."""
    preview: tuple[Seen, ...] = ()
    """The text that was typed as everybody will see it, where that was asked for; nothing of it is stored."""
    preview_note: str = ""
    keep: str = ""
    """The code without spaces, for the script that keeps it in this browser."""
    can_appeal: bool = False
    typed_appeal: str = ""
    appeal_note: str = ""
    """What became of the last appeal."""
    appeal_answer: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MyReceiptsPage(Frame):
    """The receipts that this browser keeps; the server knows none of them."""

    action: str
    receipts_href: str
    """What stands before a code in the address of its receipt."""
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxPage(Frame):
    """The ratings that wait in this browser; the server knows none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage(Frame):
    """Says why something did not work and where to go on."""

    heading: str
    sentences: tuple[str, ...]
    links: tuple[Link, ...]


Dispute = tuple[Appeal | None, bool]
"""The last appeal about a rating, and whether its author may make one now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """In which language and at which address a page is made."""

    settings: Settings
    words: Words
    language: str
    path: str

    @property
    def query(self) -> str:
        """`?lang=en`, or nothing for the first language."""
        return "" if self.language == self.settings.languages[0] else f"?{urlencode({'lang': self.language})}"

    def here(self, path: str) -> str:
        """The link to a page of the widget, in this language."""
        return f"/{path}{self.query}"

    def site(self, path: str) -> str:
        """The link to a page of the site, in this language."""
        return f"/{urls.prefix(self.language, self.settings.languages)}{path}".removesuffix("index.html")

    def alternates(self) -> tuple[Link, ...]:
        """The same page in the other languages."""
        return tuple(
            Link(text=language_name(other), href=f"{self.path}?{urlencode({'lang': other})}", lang=other)
            for other in self.settings.languages
            if other != self.language
        )


def rate_page(
    view: View,
    organization_id: str,
    card: OrganizationCard,
    *,
    idempotency_key: str,
    challenge: Challenge,
    placement_code: str = "",
    invitation: str = "",
    has_questionnaire: bool = False,
    problems: Sequence[Problem] = (),
) -> RatePage:
    """The form for one organisation."""
    return RatePage(
        title=view.words("widget.rate_title", name=card.name),
        description=view.words("widget.rate_description"),
        address=urls.rate(organization_id),
        alternates=view.alternates(),
        is_demonstration=card.is_demonstration,
        subject=subject_of(view, card),
        action=view.here(urls.rate(organization_id)),
        outbox_href=view.here(urls.outbox()) if view.settings.offline else "",
        questionnaire_href=view.here(_questionnaire(organization_id, placement_code)) if has_questionnaire else "",
        idempotency_key=idempotency_key,
        form_token=challenge.token,
        work=challenge.as_text(),
        placement_code=placement_code,
        invitation=invitation,
        problems=sentences(view.words, problems),
    )


def _questionnaire(organization_id: str, placement_code: str) -> str:
    return urls.scan_questionnaire(placement_code) if placement_code else urls.rate_questionnaire(organization_id)


def receipt_page(
    view: View,
    code: str,
    review: StoredReview,
    card: OrganizationCard | None,
    *,
    dispute: Dispute = (None, False),
    is_saved: bool = False,
    typed: Mapping[str, str] | None = None,
    typed_appeal: str = "",
    is_preview: bool = False,
    problems: Sequence[Problem] = (),
) -> ReceiptPage:
    """The receipt of one rating. `typed` and `typed_appeal` are what was just sent and not stored, so that nobody writes it
    twice: it was refused, or a preview of it was asked for (`is_preview`)."""
    appeal, may_appeal = dispute
    words = view.words
    values = {name: str(mark) for name, mark in review.criteria} | {"text": review.text} | dict(typed or {})
    is_withdrawn = review.standing is ReviewStanding.WITHDRAWN
    heading = words("widget.withdrawn_heading") if is_withdrawn else words("widget.thanks", rating=review.rating)
    return ReceiptPage(
        title=heading,
        description=words("widget.receipt_description"),
        address=urls.receipt(code),
        alternates=view.alternates(),
        is_demonstration=card is not None and card.is_demonstration,
        subject=subject_of(view, card) if card else _lost_subject(view, review.organization_id),
        heading=heading,
        code=group_receipt(code),
        states=states_of(view, review),
        can_change=not is_withdrawn,
        is_saved=is_saved,
        action=view.here(urls.receipt(code)),
        criteria=tuple(
            CriterionRow(name=name, title=words(f"widget.criterion_{name}"), value=values.get(name, ""))
            for name in view.settings.criteria
        ),
        text=values["text"],
        maximum=MAXIMUM_TEXT_GRAPHEMES,
        shown=review.shown if review.is_masked and review.text_standing is TextStanding.PUBLISHED else "",
        reply=review.reply.text if review.reply and not is_withdrawn else "",
        reply_by=reply_by(view, review),
        my_href=view.here(urls.my_receipts()),
        photos=tuple(_own_photo(view, code, photo) for photo in review.photos),
        photos_left=0 if is_withdrawn else MOST_PHOTOS - len(review.photos),
        photos_action=view.here(urls.receipt_photos(code)),
        draft=code[:6],
        preview=previewed(values["text"]) if is_preview else (),
        preview_note=_preview_note(view, review, values) if is_preview else "",
        keep="" if is_withdrawn else code,
        can_appeal=may_appeal,
        typed_appeal=typed_appeal,
        appeal_note=appeal_note(view, appeal) if appeal else "",
        appeal_answer=appeal.answer if appeal else "",
        problems=sentences(words, problems),
    )


def appeal_note(view: View, appeal: Appeal) -> str:
    """What became of an appeal, with the day."""
    day = format_date(date.fromisoformat(appeal.answered_on or appeal.made_on), view.language)
    return view.words(f"widget.appeal_{appeal.standing}", date=day)


def previewed(text: str) -> tuple[Seen, ...]:
    """`text` in parts, those marked that look like personal data."""
    parts, last = [], 0
    for found in find_personal_data(text):
        parts += [Seen(text=text[last : found.start], is_masked=False)]
        parts += [Seen(text=text[found.start : found.end], is_masked=True)]
        last = found.end
    parts.append(Seen(text=text[last:], is_masked=False))
    return tuple(part for part in parts if part.text)


def _preview_note(view: View, review: StoredReview, values: Mapping[str, str]) -> str:
    """What stands beside the text: the rating and the day; and whether a part is likely to be hidden."""
    day = format_date(date.fromisoformat(review.received_on), view.language)
    note = view.words("widget.preview_note", rating=review.rating, date=day)
    is_marked = any(part.is_masked for part in previewed(values["text"]))
    return f"{note} {view.words('widget.preview_masked')}" if is_marked else note


def _own_photo(view: View, code: str, photo: StoredPhoto) -> OwnPhoto:
    gaps = {}
    if photo.standing is PhotoStanding.HIDDEN:
        gaps = {"reason": view.settings.reasons.reason(photo.reason_code).shown.get(view.language, photo.reason_code)}
    name = "blurred" if photo.standing is PhotoStanding.PUBLISHED and photo.is_blurred else str(photo.standing)
    return OwnPhoto(
        href=view.here(urls.receipt_photos(code, photo.photo_id)),
        alt=view.words("widget.photo_alt", number=photo.number),
        state=view.words(f"widget.photo_{name}", number=photo.number, **gaps),
    )


def receipt_json(
    view: View, code: str, review: StoredReview, card: OrganizationCard | None, dispute: Dispute
) -> dict[str, object]:
    """What a receipt says, for programs and for the page of this browser's receipts."""
    appeal, may_appeal = dispute
    is_withdrawn = review.standing is ReviewStanding.WITHDRAWN
    reply = review.reply if review.reply and not is_withdrawn else None
    return {
        "receipt": code,
        "organization_id": review.organization_id,
        "name": card.name if card else review.organization_id,
        "rating": review.rating,
        "received_on": review.received_on,
        "received": format_date(date.fromisoformat(review.received_on), view.language),
        "state": str(review.standing),
        "text_state": str(review.text_standing),
        "reason_code": review.reason_code if review.standing is ReviewStanding.SET_ASIDE else review.text_reason,
        "sentences": list(states_of(view, review)),
        "reply": {"text": reply.text, "replied_on": reply.replied_on, "by": reply_by(view, review)} if reply else None,
        "appeal": _appeal_json(appeal) if appeal else None,
        "may_appeal": may_appeal,
    }


def _appeal_json(appeal: Appeal) -> dict[str, str]:
    told = {"state": str(appeal.standing), "answer": appeal.answer}
    return told | {"made_on": appeal.made_on, "answered_on": appeal.answered_on}


def reply_by(view: View, review: StoredReview) -> str:
    """The heading of a reply; empty where there is none."""
    if review.reply is None:
        return ""
    key = "widget.reply_edited" if review.reply.version > 1 else "widget.reply_by"
    return view.words(key, date=format_date(date.fromisoformat(review.reply.replied_on), view.language))


def my_receipts_page(view: View) -> MyReceiptsPage:
    """The page «Мои оценки»: its list is filled in by a script from what the browser keeps."""
    return MyReceiptsPage(
        title=view.words("widget.my_title"),
        description=view.words("widget.my_note"),
        address=urls.my_receipts(),
        alternates=view.alternates(),
        action=f"/{urls.my_receipts()}",
        receipts_href=f"/{urls.receipt('')}",
        query=view.query,
    )


def outbox_page(view: View) -> OutboxPage:
    """The page of ratings that wait for a net: its list is filled in by a script."""
    title = view.words("widget.outbox_title")
    return OutboxPage(title=title, description=title, address=urls.outbox(), alternates=view.alternates())


def message_page(view: View, heading_key: str, problems: Sequence[Problem], links: Sequence[Link] = ()) -> MessagePage:
    """A page that explains; the way home stands on each."""
    heading = view.words(heading_key)
    home = Link(text=view.words("widget.to_home"), href=view.site(urls.home()))
    search = Link(text=view.words("widget.to_regions"), href=view.site(urls.regions()))
    return MessagePage(
        title=heading,
        description=heading,
        address=view.path.lstrip("/"),
        alternates=view.alternates(),
        heading=heading,
        sentences=sentences(view.words, problems),
        links=(*links, search, home),
    )


def subject_of(view: View, card: OrganizationCard) -> Subject:
    """The organisation as the top of a form names it."""
    is_foreign = view.language != "ru" and is_cyrillic(card.name)
    return Subject(
        name=card.name,
        place_line=card.place_line,
        lang="ru" if is_foreign else "",
        href=view.site(card.href),
        others_href=view.site(urls.region(card.region_code)),
    )


def _lost_subject(view: View, organization_id: str) -> Subject:
    """An organisation that is published no more; its ratings can still be completed or taken back."""
    home = view.site(urls.home())
    return Subject(name=organization_id, place_line="", lang="", href=home, others_href=home)


def states_of(view: View, review: StoredReview) -> tuple[str, ...]:
    """What happens next, one sentence for the rating and one for its text."""
    words, standing = view.words, review.text_standing
    said = [words(f"widget.state_{review.standing}")]
    if review.standing is ReviewStanding.WITHDRAWN or standing is TextStanding.NONE:
        return tuple(said)
    if standing in (TextStanding.REJECTED, TextStanding.ERASED):
        reason = view.settings.reasons.reason(review.text_reason)
        gaps = {"reason": reason.shown.get(view.language, reason.code), "rule": reason.rule or NO_BREAK}
        said.append(words(f"widget.text_{standing}", **gaps))
    else:
        said.append(words("widget.text_masked" if review.is_masked else f"widget.text_{standing}"))
    return tuple(said)


# ---- problems ------------------------------------------------------------------------------------------------------


def sentences(words: Words, problems: Sequence[Problem]) -> tuple[str, ...]:
    """Each problem as one text: what is wrong, and what to do."""
    return tuple(f"{message(words, problem)} {advice(words, problem)}".strip() for problem in problems)


def message(words: Words, problem: Problem) -> str:
    """What is wrong."""
    return _say(words, "problem", problem)


def advice(words: Words, problem: Problem) -> str:
    """What to do; empty where nothing can be done."""
    return _say(words, "advice", problem)


def problem_json(words: Words, problem: Problem) -> dict[str, object]:
    """A problem in the shape that `validate` gives; `column` is the name of the field."""
    return {
        "severity": str(problem.severity),
        "package": "",
        "file": "",
        "row": None,
        "column": problem.where.column,
        "rule": problem.rule,
        "value": problem.value,
        "message": message(words, problem),
        "advice": advice(words, problem),
    }


def _say(words: Words, part: str, problem: Problem) -> str:
    field = problem.where.column
    name = f"widget.field_{field}"
    gaps = {
        "field": words(name) if name in words.texts else visible(field),
        "value": visible(problem.value) or NO_BREAK,
    }
    return words(f"widget.{part}_{problem.rule.replace('-', '_')}", **(gaps | problem.details))

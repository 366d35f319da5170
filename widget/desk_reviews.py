"""Pages of reviews on the desk: the queues, and one review with all that is known of it.

Whoever moderates sees a text as it was written, with what looks like personal data marked; everybody else sees what is
published of it, and why the rest is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from nok import urls
from nok.errors import Problem
from nok.personal_data import Finding, find_personal_data
from nok.records import SET_ASIDE
from nok.rude_words import find_rude_words
from nok.templating import NO_BREAK, Words
from widget.accounts import Account
from widget.appeals import Appeal
from widget.decisions import Action
from widget.desk_frame import Desk
from widget.desk_model import (
    AlikeItem,
    AppealItem,
    Choice,
    GroupItem,
    Happening,
    Item,
    MaskChoice,
    MenuItem,
    PhotoItem,
    Piece,
    QueuePage,
    ReviewPage,
)
from widget.desk_queries import (
    COUNTED_TO,
    Listed,
    Queue,
    Wanted,
    WholeReview,
)
from widget.look_alikes import COUNTED_TO as MOST_ALIKE
from widget.look_alikes import Group
from widget.moderation import PhotoStanding, ReviewStanding, TextStanding
from widget.pages import appeal_note
from widget.replies import Reply
from widget.reports import Report
from widget.reviews import StoredPhoto, StoredReview
from widget.roles import Right, may_answer

_STARS = range(1, 6)


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
        listed=desk.query(chosen | {"after": str(wanted.after or "")}).partition("?")[2],
        items=tuple(_items(desk, wanted, listed)),
        action=f"/{urls.desk('reviews/')}",
        queues=_tabs(desk, wanted.queue, listed.due),
        queue=str(wanted.queue),
        regions=_regions(desk, wanted.region),
        ratings=tuple(Choice(value=str(n), text=str(n), is_chosen=n == wanted.rating) for n in _STARS),
        organization=organization,
        newest_first=wanted.newest_first,
        next_href=desk.query(chosen | {"after": str(listed.next_after)}) if listed.next_after else "",
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
        href=desk.query({"queue": str(Queue.ALL), "like": review.review_id}),
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
            href=desk.query({"queue": str(queue)}),
            is_current=queue is current,
        )
        for queue in queues_of(desk.account)
    )


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
    account, words, typed = desk.account, desk.words, typed or {}
    sees_all = account.may(Right.MODERATE)
    findings = find_personal_data(review.text) if sees_all else []
    rude = find_rude_words(review.text, desk.view.settings.rude_words) if sees_all else []
    is_withdrawn = review.standing is ReviewStanding.WITHDRAWN
    href = desk.view.here(urls.desk_review(review.review_id))
    return Item(
        review_id=review.review_id,
        short=review.review_id[:8],
        href=href,
        stars=tuple(star <= review.rating for star in _STARS),
        rating=words("desk.rating", rating=review.rating),
        organization=_organization(desk, review.organization_id),
        organization_href=_summary_href(desk, review.organization_id),
        facts=_facts(desk, review),
        pieces=_pieces(review.text if sees_all else _public_text(review), findings, rude),
        said=_said(desk, review, sees_all=sees_all),
        found=_found(words, findings, review) if sees_all else "",
        rude=words.count("desk.rude", len(rude)) if rude else "",
        standing=_standing(desk, review),
        is_reported=is_reported,
        text_key=review.text_key,
        action=href,
        masks=_masks(words, review.text, findings),
        reply=_reply_text(review),
        reply_by=words("desk.reply_by", date=desk.day(review.reply.replied_on)) if review.reply else "",
        can_decide=sees_all and not is_withdrawn and bool(review.text),
        can_reply=account.may(Right.REPLY) and may_answer(review),
        can_report=account.may(Right.REPORT) and not is_withdrawn,
        reasons=reason_choices(desk, typed.get("reason", "") or review.text_reason),
        photos=tuple(_photos(desk, review, sees_all=sees_all)),
        chosen=typed.get("action", ""),
        more=typed.get("more", ""),
        appeal=_appeal(desk, appeal) if appeal and sees_all else None,
        group=group,
    )


def _organization(desk: Desk, organization_id: str) -> str:
    """Its name; of one that is no longer in the packages only the id is left."""
    card = desk.view.settings.directory.organizations.get(organization_id)
    return card.name if card else organization_id


def _summary_href(desk: Desk, organization_id: str) -> str:
    return desk.view.here(urls.desk_summary(organization_id)) if desk.account.may(Right.SUMMARY) else ""


def _reply_text(review: StoredReview) -> str:
    return review.reply.text if review.reply else ""


def _photos(desk: Desk, review: StoredReview, *, sees_all: bool) -> Iterator[PhotoItem]:
    for photo in review.photos:
        if sees_all or photo.standing is PhotoStanding.PUBLISHED:
            yield _photo(desk, photo, is_seen=is_shown_whole(review))


def _appeal(desk: Desk, appeal: Appeal) -> AppealItem:
    return AppealItem(
        heading=desk.words("desk.appeal_of", date=desk.day(appeal.made_on)),
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
    gaps = {"reason": desk.reason(photo.reason_code)} if photo.standing is PhotoStanding.HIDDEN else {}
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
    received = desk.day(review.received_on)
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
        return desk.words(f"desk.said_{review.text_standing}", reason=desk.reason(review.text_reason))
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
        said.append(words("desk.said_rejected", reason=desk.reason(review.text_reason)))
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
    review, account, typed = whole.review, desk.account, typed or {}
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
        can_erase=account.may(Right.ERASE) and review.text_standing in _ERASABLE,
        can_dismiss=moderates and is_reported,
        reports=tuple(_report(desk, report, names_who=moderates) for report in whole.reports),
        wordings=tuple(_wording(desk, reply) for reply in whole.wordings[:-1]),
        history=tuple(desk.happening(entry, login) for entry, login in whole.history) if moderates else (),
        typed_reply=typed.get("reply", "") or _reply_text(review),
        typed_note=typed.get("note", ""),
        must_confirm=must_confirm,
        can_settle=is_disputed and not is_own,
        is_own_decision=is_disputed and is_own,
        settles_text=review.text_standing is TextStanding.REJECTED or review.is_masked,
        verdict=typed.get("verdict", ""),
        typed_answer=typed.get("answer", ""),
    )


_ERASABLE = (TextStanding.WAITING, TextStanding.PUBLISHED, TextStanding.REJECTED)


def _report(desk: Desk, report: Report, *, names_who: bool) -> str:
    """What was reported, in a sentence; who did it is for those who decide."""
    return desk.words(
        f"desk.report_{report.state}",
        date=desk.day(report.reported_on),
        login=report.login if names_who else NO_BREAK,
        reason=desk.reason(report.reason_code),
        note=report.note or NO_BREAK,
    )


def _wording(desk: Desk, reply: Reply) -> Happening:
    """A former wording of an answer."""
    return Happening(day=desk.day(reply.replied_on), number=reply.version, what=reply.text, who="", said="")


DECIDED = {
    Action.PUBLISH: "desk.done_publish",
    Action.RESTRICT: "desk.done_restrict",
    Action.SET_ASIDE: "desk.done_set_aside",
    Action.ACCEPT: "desk.done_accept",
}
"""What a page says after each decision."""

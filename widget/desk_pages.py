"""Pages of the desk beside those of reviews: proposals, accounts, the summary of an organisation, the log, the entrance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlencode, urlsplit

from nok import urls
from nok.errors import Problem
from nok.personal_data import find_personal_data
from nok.templating import NO_BREAK, Words, format_decimal, format_integer
from widget.accounts import Account
from widget.audit import Entry
from widget.decisions import mask
from widget.desk_frame import Desk
from widget.desk_model import (
    AccountRow,
    AccountsPage,
    Choice,
    CriterionLine,
    Fact,
    Happening,
    JoinPage,
    LogPage,
    ProposalRow,
    ProposalsPage,
    RequestPage,
    SignInPage,
    SummaryPage,
)
from widget.desk_queries import (
    ENTRIES_ON_A_PAGE,
    Log,
    Proposal,
    Queue,
    Summary,
    review_of,
)
from widget.embed import parse_host
from widget.pages import Link, View, sentences
from widget.roles import Right, Role
from widget.totp_picture import code_path

LEAST_MARKS = 10
"""A mean of fewer marks would tell what single people said."""


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
    reason = f": {desk.reason(proposal.reason_code)}" if proposal.reason_code else ""
    return ProposalRow(
        proposal_id=proposal.proposal_id,
        heading=f"{what}{reason}",
        lead=words(
            "desk.proposed",
            number=words.count("desk.reviews", proposal.number),
            login=proposal.login,
            date=desk.day(proposal.made_on),
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
        unanswered_href=desk.query({"queue": str(Queue.UNANSWERED), "organization": organization_id}),
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
        _linked(desk, entry, desk.happening(entry, login), log) for entry, login in log.entries[:ENTRIES_ON_A_PAGE]
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
        listed = desk.query({"queue": str(Queue.ALL), "organization": organization_id})
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

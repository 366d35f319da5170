"""What every page of the desk has around it: whom it is made for, the menu, days and reasons in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from nok import urls
from nok.errors import Problem
from nok.templating import Words, format_date
from nok.vocabulary import Reasons
from widget.accounts import Account, Session
from widget.audit import Entry
from widget.desk_model import Happening, MenuItem
from widget.pages import View, sentences
from widget.roles import Right, Role


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

    def day(self, day: str) -> str:
        """A day in words."""
        return format_date(date.fromisoformat(day), self.view.language)

    def reason(self, code: str) -> str:
        """A published reason, with the rule that it follows from."""
        reason = self.reasons.reason(code)
        shown = reason.shown.get(self.view.language, code)
        return f"{shown} ({reason.rule})" if reason.rule else shown

    def query(self, values: Mapping[str, str]) -> str:
        """The address of the reviews that are asked for by `values`; empty ones are left out."""
        said = {name: value for name, value in values.items() if value}
        if self.view.query:
            said["lang"] = self.view.language
        return f"/{urls.desk('reviews/')}?{urlencode(said)}"

    def happening(self, entry: Entry, login: str) -> Happening:
        """An entry of the log in words; `login` is whose doing it was, where that is an account."""
        actor = entry.actor.split(":", 1)[0].replace("-", "_")
        return Happening(
            day=self.day(entry.happened_on) if entry.happened_on else "",
            number=entry.number,
            what=self.words(f"desk.did_{entry.action.replace('-', '_')}"),
            who=login or self.words(f"desk.actor_{actor}"),
            said=entry.subject,
        )

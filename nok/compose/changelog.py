"""The page of what each release of a package brought, from the entries that the data store keeps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from nok import urls
from nok.compose.edition import Edition
from nok.model import ChangelogPage, DiffPart, DiffRow, Fact, Link, ReleaseView
from nok.records import Assessment
from nok.templating import format_integer
from nok.warehouse_facts import PackageFacts

_SHOWN = 50
"""So many rows of a kind stand on the page; the file for programs has more."""

Entry = Mapping[str, Any]
Texted = tuple[str, str]
"""A text, and its language where that is not the page's."""


def changelog_page(
    package: PackageFacts, entries: Sequence[Entry], edition: Edition, rounds: Mapping[str, Assessment]
) -> ChangelogPage:
    """`entries` are what `nok.site.changelog` keeps, newest first; `rounds` all assessments that are published now."""
    path, words = urls.data_changelog(package.name, lang=edition.lang), edition.words
    data = urls.relative(urls.data_page(edition.lang), path)
    return ChangelogPage(
        title=words("page.changelog_title", title=package.title),
        description=words("page.changelog_lead"),
        address=edition.address(path),
        is_demonstration=package.is_demonstration,
        crumbs=(
            Link(text=words("page.home"), href=urls.relative(urls.home(edition.lang), path)),
            Link(text=words("page.data_title"), href=data),
        ),
        heading=edition.mixed(words("page.changelog_title", title=package.title)),
        lead=words("page.changelog_lead"),
        data=tuple(
            Link(text=text, href=urls.relative(target, path))
            for text, target in (
                ("changelog.json", urls.data_changelog(package.name, "json")),
                ("versions.json", urls.data_versions(package.name)),
                ("changes.json", urls.data_file(package.name, "changes", "changes.json")),
            )
        ),
        releases=tuple(_Telling(package.name, path, edition, rounds).release(entry) for entry in entries),
    )


class _Telling:
    """Entries in the words of one edition."""

    def __init__(self, package: str, path: str, edition: Edition, rounds: Mapping[str, Assessment]) -> None:
        self._rounds = rounds
        self._package, self._path, self._edition, self._words = package, path, edition, edition.words

    def release(self, entry: Entry) -> ReleaseView:
        version = str(entry["version"])
        target = urls.data_file(self._package, version, "datapackage.json")
        is_first = entry.get("since") is None
        return ReleaseView(
            version=version,
            day=self._day(entry["day"]) if entry.get("day") else "",
            href=urls.relative(target, self._path),
            note=self._words("page.release_first")
            if is_first
            else self._words("page.release_since", version=entry["since"]),
            facts=() if is_first else tuple(self._facts(entry)),
            parts=() if is_first else tuple(part for part in self._parts(entry) if part.rows),
        )

    def _facts(self, entry: Entry) -> Iterator[Fact]:
        organizations, scores, reviews = entry["organizations"], entry["scores"], entry["reviews"]
        numbers = (
            ("page.diff_added", organizations["added"]["count"]),
            ("page.diff_closed", organizations["closed"]["count"]),
            ("page.diff_renamed", organizations["renamed"]["count"]),
            ("page.diff_removed", organizations["removed"]["count"]),
            ("page.diff_scores_added", scores["added"]),
            ("page.diff_scores_corrected", scores["corrected"]["count"]),
            ("page.diff_reviews", reviews["published"]),
            ("page.diff_reviews_withdrawn", reviews["withdrawn"]),
            ("page.diff_replies", entry["replies"]["published"]),
        )
        yield from (Fact(name=self._words(name), value=format_integer(number)) for name, number in numbers if number)

    def _parts(self, entry: Entry) -> Iterator[DiffPart]:
        organizations = entry["organizations"]
        yield self._part(
            "page.diff_added", organizations["added"], map(self._organization, organizations["added"]["first"])
        )
        yield self._part(
            "page.diff_closed", organizations["closed"], map(self._closed, organizations["closed"]["first"])
        )
        yield self._part(
            "page.diff_renamed", organizations["renamed"], map(self._renamed, organizations["renamed"]["first"])
        )
        yield self._part(
            "page.diff_removed", organizations["removed"], map(self._gone, organizations["removed"]["first"])
        )
        corrected = entry["scores"]["corrected"]
        yield self._part("page.diff_scores_corrected", corrected, map(self._score, corrected["first"]))

    def _part(self, heading: str, told: Entry, rows: Iterable[DiffRow]) -> DiffPart:
        shown = tuple(rows)[:_SHOWN]
        left = told["count"] - len(shown)
        more = self._words("page.diff_more", number=format_integer(left)) if left > 0 else ""
        return DiffPart(heading=self._words(heading), rows=shown, more=more)

    def _organization(
        self, row: Entry, before: str = "", now: str = "", why: str = "", of: Texted = ("", "")
    ) -> DiffRow:
        """`of` is what of the organisation has changed, and its language where that is another."""
        shards = self._edition.config.address_shards
        target = urls.organization(row["region_code"], row["organization_id"], self._edition.lang, shards)
        href, name = urls.relative(target, self._path), row["name"]
        return DiffRow(
            text=name,
            href=href,
            of=of[0],
            of_lang=of[1],
            before=before,
            now=now,
            why=why,
            lang=self._edition.foreign(name),
        )

    def _closed(self, row: Entry) -> DiffRow:
        return self._organization(row, why=self._day(row["closed_on"]))

    def _renamed(self, row: Entry) -> DiffRow:
        return self._organization(row, before=row["before"])

    def _gone(self, row: Entry) -> DiffRow:
        name = row["name"]
        return DiffRow(text=name, href="", before="", now="", why="", lang=self._edition.foreign(name))

    def _score(self, row: Entry) -> DiffRow:
        """An organisation that no release names any more, or of another package, is named by its identifier."""
        before, now = (self._points(str(row[name] or "")) for name in ("before", "now"))
        why, of = self._words(f"page.diff_why_{row['why']}"), self._measured(row)
        if "name" in row:
            return self._organization(row, before, now, why, of)
        name = row["organization_id"]
        return DiffRow(text=name, href="", of=of[0], of_lang=of[1], before=before, now=now, why=why)

    def _measured(self, row: Entry) -> Texted:
        """What was scored, and in which round, as far as that is known today."""
        assessment = self._rounds.get(row["assessment_id"])
        if assessment is None:
            return f"{row['assessment_id']}, {row['measure']}", ""
        method = self._edition.methods[assessment.method_id]
        titles = {measure.id: measure.title[self._edition.language] for measure in method.measures}
        text = f"{titles.get(row['measure'], row['measure'])}, {assessment.title}"
        return text, self._edition.foreign(assessment.title)

    def _day(self, text: str) -> str:
        return self._edition.day(date.fromisoformat(text))

    def _points(self, text: str) -> str:
        """Points as the edition writes numbers, or a state in words."""
        if not text:
            return "—"
        is_state = text.replace("_", "").isalpha()
        return self._words(f"page.state_{text}") if is_state else self._edition.plain_number(text)

"""Data releases of one build: cut where one is due, none with what has been withdrawn, and what is told of changes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nok.packages.check import Checked
from nok.packages.visible import find_hidden
from nok.site.crew import LocalCrew
from nok.site.data_store import DataRelease, DataStore
from nok.site.deltas import Deltas
from nok.site.feed import touched_of
from nok.site.gather import Gathered, Options
from nok.site.output import Output
from nok.site.progress import Tell
from nok.site.purge import PurgedOf
from nok.site.withdrawal import find_withdrawn
from nok.warehouse import altered_reviews, hidden_ids, knows_altered
from nok.warehouse_rows import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReleases:
    """The data releases that stand with this build: `newest` has the last of each package, by its name.

    Reviews that were `withdrawn`, and organisations that are `withheld` since, stand in no release; `is_purge_due` where
    something that is kept besides releases may still hold one.
    """

    newest: dict[str, DataRelease]
    withdrawn: frozenset[str]
    withheld: frozenset[str]
    is_purge_due: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """What releases are cut from. `store` is the warehouse, loaded; `crew` are workers for large tables, and `renew_crew`
    is called where a release was cut, for they hold much memory then."""

    gathered: Gathered
    output: Output
    options: Options
    sources: Sources
    store: Path
    build_id: str
    crew: LocalCrew | None
    renew_crew: Callable[[], None]
    tell: Tell

    def cut(self, data: DataStore, checked: Checked, purged_of: PurgedOf) -> DataReleases:
        """Brings `data` up to date with the packages; `purged_of` knows which organisations were withheld before."""
        day = self.options.today.isoformat()
        hidden = hidden_ids(self.store)
        altered, is_sure = altered_reviews(self.store), knows_altered(self.store)
        if not is_sure:
            altered = data.doubtful_reviews(checked.packages)  # what was altered since is forgotten
        withheld = hidden - purged_of.read()
        withdrawal = find_withdrawn(checked.packages, altered, data.reviews_of(withheld))
        # What was said of a package that is not published now waits until it comes back.
        is_less = any(altered.get(package.name) for package in checked.packages) or bool(withheld)
        data.purge(withdrawal, day, self.crew)
        self._cut_due(data, checked, hidden, day)
        data.sign(self.gathered.signing_key)
        return DataReleases(
            newest=data.newest(checked.packages),
            withdrawn=withdrawal.all,
            withheld=frozenset(withheld),
            is_purge_due=not is_sure or is_less or not self.output.is_settled,
        )

    def _cut_due(self, data: DataStore, checked: Checked, hidden: set[str], day: str) -> None:
        """Cuts what is due and says what changed since."""
        state, scratch = self.output.state / "released", self.output.scratch / "deltas"
        deltas = Deltas(data.folder, self.store, self.sources, state, scratch)
        changes = deltas.find(data.versions(checked.packages), day)
        versions = data.cut(
            checked.packages,
            lambda due: find_hidden(checked.packages, wanted=due, organizations=hidden),
            lambda package: package.fingerprint(self.gathered.hashes),
            forced=self.options.release,
            day=day,
            changes=changes,
            crew=self.crew,
            tell=self.tell,
        )
        if versions:
            self.renew_crew()
        touched = touched_of(changes.values(), deltas.owners_of)
        after = touched_of((found for name, found in changes.items() if name not in versions), deltas.owners_of)
        data.feed.add(self.build_id, day, touched, after)
        deltas.keep_bases(versions)
        data.put_changes({**changes, **{name: data.no_changes(name, day) for name in versions}})

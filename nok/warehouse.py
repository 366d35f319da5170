"""Checked packages in one embedded store, read by partitions in page order, with everything aggregated.

SQLite, because it changes a hundred organisations of a country in milliseconds (a column store rewrites megabytes for
that), keeps its memory within what it is given, and lets several processes read one file. Each organisation's rows lie
together as a few JSON lists, so that a page costs one look-up. What fills the store is `nok.warehouse_load`; here it is
only read.
"""

import sqlite3
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from nok.json_text import read_json
from nok.records import (
    SET_ASIDE,
    Aggregate,
    AppealSum,
    Assessment,
    Evidence,
    Organization,
    PlanMeasure,
    Region,
    Review,
    ReviewState,
    Row,
    Score,
)
from nok.warehouse_course import RoundCourse, YearCourse, read_done, read_rounds, read_years
from nok.warehouse_facts import (
    NO_KIN,
    ExtraValue,
    Flag,
    Group,
    IndicatorGroup,
    JudgedRows,
    Kin,
    ListFacts,
    MapPoint,
    Measured,
    OrganizationFacts,
    PackageFacts,
    Picture,
    RatedRounds,
    RatingList,
    Record,
    ReviewedRows,
    Round,
    SentPhoto,
    Sketch,
)
from nok.warehouse_pack import (
    COMPUTED,
    FACT_LISTS,
    KEPT_WHOLE,
    Fact,
    Facts,
    evidence_of,
    other_rows,
    parse_facts,
    score_of,
    shown_photos,
)
from nok.warehouse_parse import (
    INN,
    TITLE_PLACES,
    parse_assessment,
    parse_organization,
    parse_photo,
    parse_plan_measure,
    parse_region,
    parse_reviews,
    parse_standing,
    parse_total,
)

MOST_KIN = 30
"""So many predecessors a page tells of, those that closed last; so many successors one after another."""

_NO_EVIDENCE: Mapping[str, Evidence] = {}


class Warehouse:
    """The store of one publication, opened for reading. `nok.warehouse_load` makes it."""

    def __init__(self, path: Path, cache_mb: int = 32) -> None:
        """`cache_mb` bounds the memory that reading takes."""
        self._base = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        self._base.execute(f"PRAGMA cache_size = {-1024 * cache_mb}")
        self._regions: dict[str, Region] | None = None
        self._rounds: dict[str, Assessment] | None = None
        self._small: dict[str, tuple[Row, ...]] = {}
        self._by_key: dict[str, dict[str, Row]] = {}
        self._demonstrations = frozenset(package.name for package in self.packages() if package.is_demonstration)

    def close(self) -> None:
        self._base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the small tables --------------------------------------------------------------------------------------------

    def packages(self) -> list[PackageFacts]:
        rows = self._base.execute("SELECT name, title, version, demonstration, licence FROM packages ORDER BY name")
        return [
            PackageFacts(name=name, title=title, version=version, is_demonstration=bool(demo), licence=licence)
            for name, title, version, demo, licence in rows
        ]

    def regions(self) -> dict[str, Region]:
        """Every region that has an organisation, by its code; one that nobody has described is called by its code."""
        if self._regions is None:
            described = {
                code: parse_region(read_json(text))
                for code, text in self._base.execute("SELECT region_code, fields FROM regions")
            }
            used = self._base.execute("SELECT DISTINCT region_code FROM groups ORDER BY region_code")
            self._regions = {code: described.get(code) or Region(region_code=code, name=code) for (code,) in used}
        return self._regions

    def assessments(self) -> dict[str, Assessment]:
        """Every published assessment by its id, newest first."""
        if self._rounds is None:
            rows = self._base.execute(
                "SELECT fields FROM assessments WHERE published ORDER BY period DESC, assessment_id"
            )
            rounds = [parse_assessment(read_json(text)) for (text,) in rows]
            self._rounds = {item.assessment_id: item for item in rounds}
        return self._rounds

    def small(self, table: str) -> tuple[Row, ...]:
        """The rows of a table of `nok.warehouse_rows.SMALL_TABLES` that may be shown, in the order of the packages."""
        if table not in self._small:
            rows = self._base.execute("SELECT fields FROM small WHERE resource = ? ORDER BY number", (table,))
            self._small[table] = tuple(read_json(text) for (text,) in rows)
        return self._small[table]

    def invented(self, table: str, key: str) -> frozenset[str]:
        """The keys (column `key`) of those rows of a small table that a demonstration tells."""
        rows = self._base.execute("SELECT package, fields FROM small WHERE resource = ?", (table,))
        return frozenset(read_json(text)[key] for package, text in rows if package in self._demonstrations)

    def described_region(self, region_code: str) -> Region:
        """A region whether or not it has organisations; one that nobody has described is called by its code."""
        row = self._base.execute("SELECT fields FROM regions WHERE region_code = ?", (region_code,)).fetchone()
        return parse_region(read_json(row[0])) if row else Region(region_code=region_code, name=region_code)

    def rostered(self) -> Iterator[tuple[int, bool, list[list[str]], str]]:
        """(key, hidden, entries, stamp of its own row) of every organisation in a list of a council, in page order.

        An entry is the list, `assessed` or `not_assessed`, the reason, and `true` where it is not to be published.
        """
        rows = self._base.execute(
            "SELECT key, hidden, rosters, fields_stamp FROM organizations WHERE rosters <> '[]'"
            " ORDER BY region_code, sort_key, organization_id"
        )
        return ((key, bool(hidden), read_json(rosters), stamp) for key, hidden, rosters, stamp in rows)

    def medians(self, assessment_id: str, region_code: str, kind: str) -> dict[str, Decimal]:
        """The peers' median of each measure; peers are of the same kind, region and assessment, and at least three."""
        row = self._base.execute(
            "SELECT medians FROM peers WHERE region_code = ? AND kind = ? AND assessment_id = ?",
            (region_code, kind, assessment_id),
        ).fetchone()
        return {measure: Decimal(value) for measure, value in read_json(row[0]).items()} if row else {}

    def peer_medians(self, region_code: str) -> list[tuple[str, str, dict[str, str]]]:
        """(kind, assessment, median of each measure) of all peers of a region."""
        rows = self._base.execute(
            "SELECT kind, assessment_id, medians FROM peers WHERE region_code = ? ORDER BY kind, assessment_id",
            (region_code,),
        )
        return [(kind, assessment_id, read_json(text)) for kind, assessment_id, text in rows]

    def groups(self, region_code: str | None = None) -> list[Group]:
        """Regions and spheres in order, counted; the points are those of the group's newest assessment."""
        where, values = ("WHERE region_code = ?", (region_code,)) if region_code else ("", ())
        rows = self._base.execute(f"SELECT * FROM groups {where} ORDER BY region_code, sphere", values)
        return [
            Group(
                region_code=row[0],
                sphere=row[1],
                organizations=row[2],
                ratings=row[3],
                assessment_id=row[4],
                assessed=row[5],
                median=Decimal(row[6]) if row[6] else None,
                total=int(row[7]),
                stamp=row[8],
            )
            for row in rows
        ]

    def aggregates(self, *, region_code: str = "", sphere: str = "") -> list[Aggregate]:
        """What is added up of a region, of a sphere, or of both: each sphere as a whole, its kinds, its municipalities."""
        where = [f"{name} = ?" for name, value in (("region_code", region_code), ("sphere", sphere)) if value]
        rows = self._base.execute(
            f"SELECT * FROM aggregates WHERE {' AND '.join(where) or '1'}"
            " ORDER BY region_code, sphere, scope = 'sphere' DESC, scope, name",
            [value for value in (region_code, sphere) if value],
        )
        names = [field.name for field in fields(Aggregate)]
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return [Aggregate(**(cells | {"total": int(cells["total"])})) for cells in found]

    def appeals(self, region_code: str) -> list[AppealSum]:
        """Official appeals of a region, sphere by sphere and year by year."""
        rows = self._base.execute("SELECT * FROM appeals WHERE region_code = ? ORDER BY sphere, period", (region_code,))
        names = [field.name for field in fields(AppealSum)]
        return [AppealSum(**dict(zip(names, row, strict=True))) for row in rows]

    # -- what became of rounds ---------------------------------------------------------------------------------------

    def course_rounds(self, *, region_code: str = "", scope: str = "sphere") -> list[RoundCourse]:
        """Rounds by region and sphere, or with scope `municipality` by municipality, in order."""
        return list(read_rounds(self._base, scope, region_code))

    @cached_property
    def _courses(self) -> dict[str, list[RoundCourse]]:
        """Assessment to what became of it in each region and sphere."""
        found: dict[str, list[RoundCourse]] = {}
        for item in self.course_rounds():
            found.setdefault(item.assessment_id, []).append(item)
        return found

    def course_years(self, *, region_code: str = "", scope: str = "sphere") -> list[YearCourse]:
        """Years of ratings by region and sphere, or with scope `municipality` by municipality, in order."""
        return list(read_years(self._base, scope, region_code))

    @cached_property
    def stages(self) -> dict[str, dict[str, Row]]:
        """Assessment to stage to what is told of it; a round whose package tells no stages is not there."""
        found: dict[str, dict[str, Row]] = {}
        for row in self.small("assessment_stages"):
            found.setdefault(row["assessment_id"], {})[row["stage"]] = row
        return found

    def record(self, assessment_id: str) -> Record:
        """What stands behind one round."""
        assessment = self.assessments()[assessment_id]
        named = {table: self._party(table, getattr(assessment, key)) for table, key in _PARTIES.items()}
        decisions = self._decisions.get(assessment_id, [])
        return Record(
            assessment=assessment,
            parties={table: row for table, row in named.items() if row is not None},
            decisions=decisions,
            bodies={row["body_id"]: self._body(row) for row in decisions if "body_id" in row},
            courses=self._courses.get(assessment_id, []),
        )

    def _body(self, decision: Row) -> str:
        """What a body is called; empty where nobody tells."""
        found = (self._party(table, decision["body_id"]) for table in _PARTIES)
        return next((row["name"] for row in found if row is not None and "name" in row), "")

    @cached_property
    def _decisions(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in sorted(self.small("decisions"), key=lambda row: (row["decided_on"], row["decision_id"])):
            found.setdefault(row["assessment_id"], []).append(row)
        return found

    def _party(self, table: str, name: str) -> Row | None:
        if table not in self._by_key:
            self._by_key[table] = {row[_PARTIES[table]]: row for row in self.small(table)}
        return self._by_key[table].get(name)

    def done_since(self, day: date, region_code: str = "") -> int:
        """How many measures of plans were done after `day`."""
        start = day.isoformat()
        return sum(number for done_on, number in read_done(self._base, region_code).items() if done_on > start)

    def newest_done(self, day: date, limit: int, region_code: str = "") -> list[tuple[Organization, PlanMeasure]]:
        """The newest measures that were done after `day`, newest first, each with its organisation; `limit` of them."""
        keys = [key for key, *_ in self._who_did(day, limit, region_code)]
        rows = self._base.execute(
            f"SELECT key, package, fields, plan FROM organizations JOIN facts USING (key)"
            f" WHERE key IN ({','.join('?' * len(keys))}) ORDER BY key",
            keys,
        )
        found = []
        for _, package, text, plan in rows:
            organization = parse_organization(text, package)
            measures = [parse_plan_measure(row) for row in read_json(plan) if row[2] in self.assessments()]
            found += [(organization, one) for one in measures if one.done_on is not None and one.done_on > day]
        found.sort(key=lambda one: (one[0].organization_id, one[1].plan_measure_id))
        found.sort(key=lambda one: one[1].done_on or day, reverse=True)
        return found[:limit]

    def done_stamps(self, day: date, limit: int, region_code: str) -> list[str]:
        """Of each organisation that `newest_done` reads: digests of its row and of its plan."""
        return [
            f"{fields_stamp} {stamp.split(' ')[2]}" for _, fields_stamp, stamp in self._who_did(day, limit, region_code)
        ]

    def _who_did(self, day: date, limit: int, region_code: str) -> list[tuple[int, str, str]]:
        """The `limit` organisations with the newest measures: each has one at least, so that none of the newest `limit`
        measures, in the order of `newest_done`, can be of another."""
        where, values = "last_done > ? AND last_done <> '' AND NOT hidden", [day.isoformat()]
        if region_code:
            where, values = f"region_code = ? AND {where}", [region_code, *values]
        return self._base.execute(
            f"SELECT key, fields_stamp, stamp FROM organizations WHERE {where}"
            " ORDER BY last_done DESC, organization_id LIMIT ?",
            (*values, limit),
        ).fetchall()

    def demonstration_regions(self) -> set[str]:
        """Regions that show at least one invented organisation."""
        found: set[str] = set()
        for package in self._demonstrations:
            rows = self._base.execute(
                "SELECT region_code FROM (SELECT DISTINCT region_code FROM groups) AS shown WHERE EXISTS (SELECT 1 FROM"
                " organizations WHERE region_code = shown.region_code AND package = ? AND NOT hidden)",
                (package,),
            )
            found.update(code for (code,) in rows)
        return found

    def coordinates(self, region_code: str) -> list[tuple[float, float]]:
        """(latitude, longitude) of every organisation of a region that has them, from south to north: another name of
        one of them must not change the picture of all."""
        return self._base.execute(
            f"SELECT latitude, longitude {_IN_REGION} AND latitude IS NOT NULL ORDER BY latitude, longitude",
            (region_code,),
        ).fetchall()

    def plan_counts(self, region_code: str | None = None) -> tuple[int, int]:
        """(done, all but cancelled) plan measures of a region or of all."""
        where, values = ("AND region_code = ?", (region_code,)) if region_code else ("", ())
        done, standing = self._base.execute(
            f"SELECT coalesce(sum(plan_done), 0), coalesce(sum(plan_standing), 0) FROM organizations"
            f" WHERE NOT hidden AND plan_standing > 0 {where}",
            values,
        ).fetchone()
        return done, standing

    # -- what a build plans by ---------------------------------------------------------------------------------------

    def number_of_organizations(self) -> int:
        """How many organisations have pages."""
        return int(self._base.execute("SELECT count(*) FROM organizations WHERE NOT hidden").fetchone()[0])

    def search_stamps(self) -> Iterator[tuple[int, str, str]]:
        """(key, organisation, digest of what lists and search show of it) of every organisation."""
        return self._base.execute(
            "SELECT key, organization_id, row_stamp || latest FROM organizations WHERE NOT hidden"
        )

    def inn_rows(self, prefix: str = "") -> Iterator[tuple[str, str, str]]:
        """(ИНН, organisation, region) of every organisation that has one beginning with `prefix`, by the number."""
        return self._base.execute(
            f"SELECT {INN} AS inn, organization_id, region_code FROM organizations"
            f" WHERE NOT hidden AND {INN} >= ? AND {INN} < ? ORDER BY inn, organization_id",
            (prefix or "0", f"{prefix}:"),  # the sign after the digits
        )

    def page_order(self) -> Iterator[tuple[str, int]]:
        """(region, key) of every organisation, in page order: region by region, by name."""
        return self._base.execute(
            "SELECT region_code, key FROM organizations WHERE NOT hidden"
            " ORDER BY region_code, sort_key, organization_id"
        )

    def sketches(self, region_code: str | None = None, keys: Sequence[int] = ()) -> Iterator[Sketch]:
        """Of every organisation, of one region, or of `keys`; in page order."""
        where: str = ""
        values: list[str | int] = list(keys)
        if region_code is not None:
            where, values = "AND o.region_code = ?", [region_code]
        elif keys:
            where = f"AND key IN ({','.join('?' * len(keys))})"
        rows = self._base.execute(
            "SELECT key, organization_id, o.region_code, sphere, o.kind, package, fields_stamp || ' ' || o.stamp,"
            " row_stamp, rounds, latest, standings, coalesce(p.stamp, ''), open_due, rated_days, pictures,"
            " sent_photos FROM organizations o"
            " LEFT JOIN peers p ON p.region_code = o.region_code AND p.kind = o.kind"
            " AND p.assessment_id = json_extract(rounds, '$[0]')"
            f" WHERE NOT hidden {where} ORDER BY o.region_code, sort_key, organization_id",
            values,
        )
        return map(Sketch._make, rows)

    def municipal_stamps(self, region_code: str) -> list[tuple[str, str, str]]:
        """(municipality or "", stamp, newest assessment or "") of each organisation, municipality by municipality."""
        return self._base.execute(
            f"SELECT municipality, row_stamp || standings, latest {_IN_REGION}"
            " ORDER BY municipality, sort_key, organization_id",
            (region_code,),
        ).fetchall()

    def ranked_stamps(self, region_code: str, sphere: str, *, higher_is_better: bool = True) -> list[tuple[str, str]]:
        """(stamp, newest assessment or "") of each row of a sphere's list in a region, in its order."""
        order = _ranked(higher_is_better)
        return self._base.execute(
            f"SELECT row_stamp || standings, latest {_IN_REGION} AND sphere = ? {order}", (region_code, sphere)
        ).fetchall()

    def map_stamps(self, region_code: str) -> list[tuple[str, str]]:
        """(what a region's map shows of it, its newest assessment or "") of each point, in page order."""
        return self._base.execute(
            f"SELECT fields_stamp || coalesce(scaled, ''), latest {_IN_REGION} AND latitude IS NOT NULL {_PAGE_ORDER}",
            (region_code,),
        ).fetchall()

    def fullest_folder(self, region_code: str, reviews_per_page: int, shards: int) -> tuple[str, int]:
        """(folder, files) of the fullest folder of a region's organisations in the main language; ("", 0) of none."""
        pages = f"max(0, (readable - 1) / {int(reviews_per_page)})"
        row = self._base.execute(
            f"SELECT region_code || '/' || substr(shard, 1, {int(shards)}) AS folder, sum(6 + (pictures > 0) + {pages})"
            f" AS files {_IN_REGION} GROUP BY folder ORDER BY files DESC, folder LIMIT 1",
            (region_code,),
        ).fetchone()
        return row or ("", 0)

    # -- indicators ---------------------------------------------------------------------------------------------------

    @cached_property
    def indicator_lists(self) -> frozenset[tuple[str, str, str, str, str]]:
        """(method, indicator, region, sphere, kind) of every list of an indicator; a country has tens of thousands."""
        return frozenset(self._base.execute("SELECT method_id, measure, region_code, sphere, kind FROM indicators"))

    def indicator_groups(self, method_id: str, measure: str) -> list[IndicatorGroup]:
        """Every list of an indicator; by region, sphere and kind."""
        rows = self._base.execute(
            "SELECT method_id, measure, region_code, sphere, kind, number, scored, median FROM indicators"
            " WHERE method_id = ? AND measure = ? ORDER BY region_code, sphere, kind",
            (method_id, measure),
        )
        return [_indicator_group(row) for row in rows]

    def indicator_order(self, region_code: str) -> Iterator[tuple[str, str, str, str, int, str, str]]:
        """The lists of a region, kind by kind: (method, indicator, sphere, kind, how many organisations, its other
        numbers as text, keys of its organisations as JSON: best first, equals together)."""
        return self._base.execute(
            "SELECT method_id, measure, sphere, kind, number, scored || ' ' || median, keys FROM indicators"
            " WHERE region_code = ? ORDER BY sphere, kind, method_id, measure",
            (region_code,),
        )

    def indicator_keys(self, group: IndicatorGroup) -> list[list[int]]:
        """The organisations of one list, best first, equals together."""
        row = self._base.execute(
            "SELECT keys FROM indicators WHERE method_id = ? AND measure = ? AND region_code = ? AND sphere = ?"
            " AND kind = ?",
            (group.method_id, group.measure, group.region_code, group.sphere, group.kind),
        ).fetchone()
        return read_json(row[0]) if row else []

    def measured(self, group: IndicatorGroup, measures: Collection[str]) -> dict[int, Measured]:
        """The organisations of a kind and region by their keys, in page order, each with what its newest round by the method
        says of `measures`: of all it would be ten times as much, and a region has thousands of a kind."""
        rows = self._base.execute(
            "SELECT key, package, fields, scores, computed FROM organizations JOIN facts USING (key)"
            f" WHERE region_code = ? AND kind = ? AND sphere = ? AND NOT hidden {_PAGE_ORDER}",
            (group.region_code, group.kind, group.sphere),
        )
        found = {}
        for key, package, fields_text, scores, computed in rows:
            facts = read_json(scores)
            assessment = self._newest_by(group.method_id, facts)
            if assessment is not None:
                newest = assessment.assessment_id
                counted = dict(read_json(computed)).get(newest, {})
                found[key] = Measured(
                    organization=parse_organization(fields_text, package),
                    assessment=assessment,
                    rows={row[2]: row for row in facts if row[1] == newest and row[2] in measures},
                    computed={name: told for name, told in counted.items() if name in measures},
                )
        return found

    def _newest_by(self, method_id: str, scores: Iterable[Fact]) -> Assessment | None:
        known = self.assessments()
        rounds = (known[name] for name in {row[1] for row in scores} if name in known)
        of_method = (item for item in rounds if item.is_independent and item.method_id == method_id)
        return min(of_method, key=lambda item: self._order[item.assessment_id], default=None)

    # -- feeds -------------------------------------------------------------------------------------------------------

    def newest_told(self, region_code: str, limit: int) -> list[int]:
        """Keys of the organisations of a region that the newest `limit` entries of its feed can be of: those of whom
        something was said last, and those that closed last. No other has an entry among these."""
        found: dict[int, None] = {}
        for column in ("last_told", "closed_on"):
            rows = self._base.execute(
                f"SELECT key FROM organizations WHERE region_code = ? AND {column} <> '' AND NOT hidden"
                f" ORDER BY {column} DESC, organization_id LIMIT ?",
                (region_code, limit),
            )
            found.update((key, None) for (key,) in rows)
        return sorted(found)

    def told_stamps(self, keys: Sequence[int]) -> list[str]:
        """Of each of these organisations: digests of its row and of its reviews."""
        rows = self._base.execute(
            f"SELECT fields_stamp, stamp FROM organizations WHERE key IN ({','.join('?' * len(keys))})"
            " ORDER BY organization_id",
            tuple(keys),
        )
        return [f"{fields_stamp} {stamp.split(' ')[1]}" for fields_stamp, stamp in rows]

    # -- rating lists ------------------------------------------------------------------------------------------------

    def rating_lists(self, region_code: str) -> list[RatingList]:
        """The rating lists of a region, those of the newest rounds first."""
        rows = self._base.execute(
            "SELECT region_code, kind, assessment_id, number, scored FROM ratings WHERE region_code = ?"
            " ORDER BY assessment_id, kind",
            (region_code,),
        ).fetchall()
        known = self.assessments()
        found = [
            RatingList(region_code=code, assessment=known[assessment_id], kind=kind, number=number, scored=scored)
            for code, kind, assessment_id, number, scored in rows
        ]
        return sorted(found, key=lambda one: self._order[one.assessment.assessment_id])

    def rating_keys(self, item: RatingList) -> list[list[int]]:
        """The organisations of a list, best first, equals together."""
        row = self._base.execute(
            "SELECT keys FROM ratings WHERE region_code = ? AND assessment_id = ? AND kind = ?",
            (item.region_code, item.assessment.assessment_id, item.kind),
        ).fetchone()
        return read_json(row[0]) if row else []

    def rating_numbers(self) -> list[tuple[str, int]]:
        """(region, how many lists) of every region that has any."""
        return self._base.execute(
            "SELECT region_code, count(*) FROM ratings GROUP BY region_code ORDER BY region_code"
        ).fetchall()

    def rated(self, keys: Collection[int], measures: Collection[str]) -> dict[int, RatedRounds]:
        """The organisations with `keys` by these, as all their rounds judged them by `measures`."""
        rows = self._base.execute(
            f"SELECT key, package, fields, standings, {_as_bytes(['scores'])} FROM organizations JOIN facts USING (key)"
            f" WHERE key IN ({','.join('?' * len(keys))})",
            tuple(keys),
        )
        found = {}
        for key, package, text, standings, scores in rows:
            by_round: dict[str, dict[str, Fact]] = {}
            for row in read_json(scores):
                if row[2] in measures:
                    by_round.setdefault(row[1], {})[row[2]] = row
            organization = parse_organization(text, package)
            found[key] = RatedRounds(organization=organization, rows=by_round, standings=read_json(standings))
        return found

    def flags(self, limit: int) -> tuple[int, list[Flag]]:
        """How many published numbers do not agree, and the first of them."""
        shown = "FROM flags f JOIN organizations o USING (key) WHERE NOT hidden"
        number = self._base.execute(f"SELECT count(*) {shown}").fetchone()[0]
        rows = self._base.execute(
            "SELECT organization_id, s.package, s.file, f.assessment_id, f.measure, f.published, f.computed"
            " FROM flags f JOIN organizations o USING (key) LEFT JOIN segments s ON s.id = f.segment WHERE NOT hidden"
            " ORDER BY s.package, s.file, region_code, sort_key, organization_id, f.assessment_id, f.measure LIMIT ?",
            (limit,),
        )
        return number, list(map(Flag._make, rows))

    # -- organisations -----------------------------------------------------------------------------------------------

    def points(self, region_code: str) -> Iterator[MapPoint]:
        """The organisations with coordinates, in page order."""
        rows = self._base.execute(
            f"SELECT organization_id, fields, latitude, longitude, latest, newest, closed_on {_IN_REGION}"
            f" AND latitude IS NOT NULL {_PAGE_ORDER}",
            (region_code,),
        )
        for organization_id, text, latitude, longitude, latest, newest, closed_on in rows:
            found = read_json(text)
            title = next(filter(None, map(found.__getitem__, TITLE_PLACES)))
            yield MapPoint(organization_id, title, latitude, longitude, latest, parse_total(newest)[0], closed_on)

    def most_rated(self, number: int) -> list[ListFacts]:
        """The organisations with points that most people have rated."""
        found = self._list(
            "WHERE NOT hidden AND scaled IS NOT NULL ORDER BY ratings DESC, region_code, sort_key, organization_id"
            " LIMIT ?",
            (number,),
        )
        return list(found.values())

    def find(self, organization_id: str) -> OrganizationFacts | None:
        row = self._base.execute(
            "SELECT key FROM organizations WHERE organization_id = ? AND NOT hidden", (organization_id,)
        ).fetchone()
        return next(self.organizations(row), None) if row else None

    def organizations(self, keys: Sequence[int]) -> Iterator[OrganizationFacts]:
        """All facts of the organisations with `keys`, in page order."""
        rows = self._base.execute(
            f"SELECT key, package, fields, extra, standings, {_as_bytes(FACT_LISTS)} FROM organizations"
            f" JOIN facts USING (key) WHERE key IN ({','.join('?' * len(keys))})"
            " ORDER BY region_code, sort_key, organization_id",
            keys,
        )
        for key, package, fields_text, extra, standings, *texts in rows:
            facts = parse_facts(*texts)
            reviews = tuple(parse_reviews(facts))
            rounds = self._rounds_of(facts.scores, read_json(standings), evidence_of(facts))
            yield OrganizationFacts(
                number=key,
                organization=parse_organization(fields_text, package),
                extra=tuple(ExtraValue(*value) for value in read_json(extra)) if extra else (),
                is_demonstration=package in self._demonstrations,
                rounds=tuple([item for item in rounds if item.assessment.is_independent]),
                other_rounds=tuple([item for item in rounds if not item.assessment.is_independent]),
                reviews=reviews,
                distribution=_distribution(review.rating for review in reviews if _counts(review)),
                plan=tuple(parse_plan_measure(row) for row in facts.plan if row[2] in self.assessments()),
                other=self._shown(other_rows(facts)),
                kin=self._kin(key) if key in self._related else NO_KIN,
            )

    def judged(self, keys: Sequence[int]) -> Iterator[JudgedRows]:
        """The organisations with `keys`, in page order, with their published scores: independent rounds before others, each
        newest first."""
        place = self._judged_order
        for organization_id, scores in self._facts_of(keys, ["scores"]):
            known = [row for row in read_json(scores) if row[1] in place and row[0] != COMPUTED]
            known.sort(key=lambda row: place[row[1]])
            yield organization_id, [row[1:6] for row in known]

    def reviewed(self, keys: Sequence[int]) -> Iterator[ReviewedRows]:
        """The organisations with `keys`, in page order, with their reviews; a restricted one has no reply."""
        for organization_id, reviews, replies in self._facts_of(keys, ["reviews", "replies"]):
            rows = [(row[1], row[2], row[3], row[9], row[6]) for row in read_json(reviews)]
            restricted = {row[0] for row in rows if row[3] == ReviewState.RESTRICTED}
            replied = {row[1]: (row[2], row[3]) for row in read_json(replies) if row[1] not in restricted}
            yield organization_id, rows, replied

    def _facts_of(self, keys: Sequence[int], lists: Sequence[str]) -> sqlite3.Cursor:
        return self._base.execute(
            f"SELECT organization_id, {_as_bytes(lists)} FROM organizations JOIN facts USING (key)"
            f" WHERE key IN ({','.join('?' * len(keys))}) ORDER BY region_code, sort_key, organization_id",
            keys,
        )

    # -- predecessors and successors ---------------------------------------------------------------------------------

    @cached_property
    def _related(self) -> frozenset[int]:
        """The organisations that have a successor or a predecessor: mergers are few, even in a country."""
        rows = self._base.execute(
            "SELECT key FROM organizations WHERE successor <> '' UNION SELECT o.key FROM organizations p"
            " JOIN organizations o ON o.organization_id = p.successor WHERE p.successor <> ''"
        )
        return frozenset(key for (key,) in rows)

    def kin_stamp(self, key: int) -> list[tuple[str, str]]:
        """(what lists show of it, newest assessment or "") of each organisation of `Kin`; none where there are none."""
        if key not in self._related:
            return []
        keys = [*self._successors(key), *self._predecessors(key)]
        rows = self._base.execute(
            f"SELECT key, row_stamp, latest FROM organizations WHERE key IN ({','.join('?' * len(keys))})", keys
        )
        found = {key: (stamp, latest) for key, stamp, latest in rows}
        return [found[one] for one in keys]

    def _kin(self, key: int) -> Kin:
        return Kin(
            successors=tuple(self.listed(self._successors(key))),
            predecessors=tuple(self.listed(self._predecessors(key))),
        )

    def _successors(self, key: int) -> list[int]:
        """A check has refused circles; the limit is for what a check has not seen."""
        rows = self._base.execute(
            "WITH RECURSIVE line (id, turn) AS (SELECT successor, 1 FROM organizations WHERE key = ? UNION"
            " SELECT o.successor, turn + 1 FROM line JOIN organizations o ON o.organization_id = line.id"
            f" WHERE line.id <> '' AND turn < {MOST_KIN})"
            " SELECT key FROM line JOIN organizations ON organization_id = line.id WHERE NOT hidden ORDER BY turn",
            (key,),
        )
        return [one for (one,) in rows if one != key]

    def _predecessors(self, key: int) -> list[int]:
        rows = self._base.execute(
            "WITH RECURSIVE line (id) AS (SELECT organization_id FROM organizations WHERE key = ? UNION"
            " SELECT o.organization_id FROM line JOIN organizations o ON o.successor = line.id AND o.successor <> '')"
            " SELECT key FROM line JOIN organizations ON organization_id = line.id WHERE NOT hidden AND key <> ?"
            f" ORDER BY closed_on DESC, sort_key, organization_id LIMIT {MOST_KIN}",
            (key, key),
        )
        return [one for (one,) in rows]

    def review_photos(self, key: int) -> list[SentPhoto]:
        """The photographs of an organisation's reviews that may be shown, by review and number."""
        row = self._base.execute("SELECT reviews, photos FROM facts WHERE key = ?", (key,)).fetchone()
        if row is None:
            return []
        facts = Facts(reviews=read_json(row[0]), photos=read_json(row[1]))
        return [
            SentPhoto(self._package_of[one[0]], one[3], parse_photo(one))
            for found in shown_photos(facts).values()
            for one in found
        ]

    def pictures(self, key: int) -> list[Picture]:
        """The photographs of an organisation that may be shown, by round and hash."""
        row = self._base.execute("SELECT other FROM facts WHERE key = ?", (key,)).fetchone()
        found = []
        for segment, table, *cells in read_json(row[0]) if row else ():
            named = dict(zip(KEPT_WHOLE[table][1:], cells, strict=True))
            if table == "observation_photos" and named["path"] and self._is_shown(named):
                place = (named["path"], named["photo_sha256"], named["assessment_id"], named["caption"])
                found.append(Picture(self._package_of[segment], *place))
        return sorted(found, key=lambda one: (self._order[one.assessment_id], one.photo_sha256))

    @cached_property
    def _package_of(self) -> dict[int, str]:
        """Segment to the package that it is of."""
        return dict(self._base.execute("SELECT id, package FROM segments"))

    def _shown(self, tables: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
        """The rows that may be shown: none that is marked as not public or points to what stays back."""
        return {table: [self._public(row) for row in rows if self._is_shown(row)] for table, rows in tables.items()}

    def _public(self, row: Row) -> Row:
        """The row without the name of a council that is not published."""
        if "council_id" not in row or self._party("councils", row["council_id"]) is not None:
            return row
        return {name: text for name, text in row.items() if name != "council_id"}

    def _is_shown(self, row: Row) -> bool:
        is_known = row.get("assessment_id", "") in ("", *self.assessments())
        is_listed = row.get("roster_id", "") in self._rosters
        return is_known and is_listed and row.get("is_unpublished") != "true" and row.get("is_released") != "false"

    @cached_property
    def _rosters(self) -> frozenset[str]:
        return frozenset(("", *(row["roster_id"] for row in self.small("rosters"))))

    def in_page_order(self, region_code: str) -> "array[int]":
        """Keys of a region's organisations, by name."""
        found = self._base.execute(f"SELECT key {_IN_REGION} {_PAGE_ORDER}", (region_code,))
        return array("q", (key for (key,) in found))

    def ranked(self, region_code: str, sphere: str, *, higher_is_better: bool = True) -> "array[int]":
        """Keys of a sphere's organisations of a region: best points first, then those without, by name."""
        found = self._base.execute(
            f"SELECT key {_IN_REGION} AND sphere = ? {_ranked(higher_is_better)}", (region_code, sphere)
        )
        return array("q", (key for (key,) in found))

    def listed(self, keys: Sequence[int]) -> list[ListFacts]:
        """The organisations with `keys` as lists show them, in the order of the keys."""
        found = self._list(f"WHERE key IN ({','.join('?' * len(keys))})", tuple(keys))
        return [found[key] for key in keys]

    def listed_with_stamps(self, keys: Sequence[int]) -> Iterator[tuple[ListFacts, str]]:
        """The organisations with `keys` as lists show them, each with its digest of `search_stamps`."""
        marks = ",".join("?" * len(keys))
        stamps = self._base.execute(f"SELECT key, row_stamp || latest FROM organizations WHERE key IN ({marks})", keys)
        by_key = dict(stamps.fetchall())
        return ((facts, by_key[key]) for key, facts in zip(keys, self.listed(keys), strict=True))

    def kinds(self) -> set[tuple[str, str]]:
        """(sphere, kind or "") of all organisations."""
        return set(self._base.execute("SELECT DISTINCT sphere, kind FROM organizations WHERE NOT hidden"))

    def kind_numbers(self, region_code: str) -> dict[tuple[str, str], int]:
        """(sphere, kind or "") to how many organisations a region has now that are not closed."""
        rows = self._base.execute(
            f"SELECT sphere, kind, count(*) {_IN_REGION} AND closed_on = '' GROUP BY sphere, kind", (region_code,)
        )
        return {(sphere, kind): number for sphere, kind, number in rows}

    def municipalities(self, region_code: str) -> list[str]:
        """The names of a region's municipalities; an empty one where organisations name none."""
        rows = self._base.execute(f"SELECT DISTINCT municipality {_IN_REGION} ORDER BY municipality", (region_code,))
        return [name for (name,) in rows]

    def in_municipality(self, region_code: str, municipality: str) -> list[ListFacts]:
        """The organisations of a municipality as lists show them, by name."""
        found = self._list(
            f"WHERE region_code = ? AND NOT hidden AND municipality = ? {_PAGE_ORDER}", (region_code, municipality)
        )
        return list(found.values())

    def plans(self, keys: Sequence[int]) -> dict[int, tuple[PlanMeasure, ...]]:
        """The plans of the organisations with `keys`, without anything else of them."""
        rows = self._base.execute(
            f"SELECT key, plan FROM facts WHERE key IN ({','.join('?' * len(keys))})", tuple(keys)
        )
        known = self.assessments()
        return {key: tuple(parse_plan_measure(row) for row in read_json(text) if row[2] in known) for key, text in rows}

    def segments(self) -> set[tuple[str, str, str, str]]:
        """What the store was filled from: (package, resource, file below the package, SHA-256 of the file)."""
        return set(self._base.execute("SELECT package, resource, file, sha256 FROM segments"))

    def totals(self, region_code: str, sphere: str) -> Iterator[tuple[str, str, str]]:
        """(assessment, points or "", state) of the latest total of each organisation of a region's sphere."""
        rows = self._base.execute(
            f"SELECT latest, newest {_IN_REGION} AND sphere = ? {_PAGE_ORDER}", (region_code, sphere)
        )
        for latest, newest in rows:
            yield (latest, *(parse_total(newest) if latest else ("", "not_assessed")))

    def _list(self, tail: str, values: tuple[Any, ...]) -> dict[int, ListFacts]:
        rows = self._base.execute(
            f"SELECT key, package, fields, newest, standings, distribution FROM organizations {tail}", values
        )
        return {
            key: ListFacts(
                organization=parse_organization(text, package),
                latest=self._newest_round(read_json(newest), read_json(standings)),
                distribution=tuple(read_json(distribution)),
            )
            for key, package, text, newest, standings, distribution in rows
        }

    def _newest_round(self, rows: Sequence[Fact], standings: Mapping[str, list[int]]) -> Round | None:
        """The round of an outline, whose scores are all of one assessment."""
        assessment = self.assessments().get(rows[0][0]) if rows else None
        if assessment is None:
            return None
        scores = {row[1]: score_of([0, *row]) for row in rows}
        return Round(
            assessment=assessment, scores=scores, standing=parse_standing(standings.get(assessment.assessment_id))
        )

    def _rounds_of(
        self,
        scores: Iterable[Fact],
        standings: Mapping[str, list[int]],
        evidence: Mapping[str, Evidence] = _NO_EVIDENCE,
    ) -> tuple[Round, ...]:
        by_assessment: dict[str, dict[str, Score]] = {}
        for row in scores:
            by_assessment.setdefault(row[1], {})[row[2]] = score_of(row)
        assessments = self.assessments()
        names = sorted((name for name in by_assessment if name in assessments), key=lambda name: self._order[name])
        return tuple(
            Round(
                assessment=assessments[name],
                scores=by_assessment[name],
                standing=parse_standing(standings.get(name)),
                evidence=evidence.get(name),
            )
            for name in names
        )

    @cached_property
    def _order(self) -> dict[str, int]:
        """Published assessment to its place when they stand newest first."""
        return {name: number for number, name in enumerate(self.assessments())}

    @cached_property
    def _judged_order(self) -> dict[str, tuple[bool, int]]:
        """The same where independent ones stand before others."""
        known = self.assessments()
        return {name: (not known[name].is_independent, number) for name, number in self._order.items()}


def _indicator_group(row: Sequence[Any]) -> IndicatorGroup:
    method_id, measure, region_code, sphere, kind, number, scored, middle = row
    return IndicatorGroup(
        method_id=method_id,
        measure=measure,
        region_code=region_code,
        sphere=sphere,
        kind=kind,
        organizations=number,
        scored=scored,
        median=Decimal(middle) if middle else None,
    )


# ---- altered reviews -----------------------------------------------------------------------------------------------


def hidden_ids(path: Path) -> set[str]:
    """Organisations that stay back: not published themselves, or pointing to one that is not."""
    with closing(sqlite3.connect(path)) as base:
        return {name for (name,) in base.execute("SELECT organization_id FROM organizations WHERE hidden")}


def altered_reviews(path: Path) -> dict[str, set[str]]:
    """Package to the reviews whose row (or whose reply) is gone or not what it was when it was loaded first; none where
    there is no store that can be read."""
    found: dict[str, set[str]] = {}
    if not path.exists():
        return found
    with closing(sqlite3.connect(path)) as base, suppress(sqlite3.DatabaseError):
        for package, review_id in base.execute("SELECT package, review_id FROM altered"):
            found.setdefault(package, set()).add(review_id)
    return found


def knows_altered(path: Path) -> bool:
    """False where the store was made anew without knowing what the one before it held."""
    with closing(sqlite3.connect(path)) as base:
        return base.execute("SELECT 1 FROM meta WHERE name = 'unsure'").fetchone() is None


def forget_altered(path: Path, packages: Sequence[str]) -> None:
    """Says that everything that is kept has been brought in line with the altered reviews of `packages`; what is kept
    of a package that is not published now waits until it comes back."""
    with closing(sqlite3.connect(path)) as base:
        base.executemany("DELETE FROM altered WHERE package = ?", ((name,) for name in packages))
        base.execute("DELETE FROM meta WHERE name = 'unsure'")
        base.commit()


# ---- reading rows --------------------------------------------------------------------------------------------------

_PARTIES = {
    "authorities": "authority_id",
    "operators": "operator_id",
    "contracts": "contract_id",
    "councils": "council_id",
}
"""Tables of those who stand behind a round, and the column that names them in it and in the table."""

_IN_REGION = "FROM organizations WHERE region_code = ? AND NOT hidden"
_PAGE_ORDER = "ORDER BY sort_key, organization_id"


def _ranked(higher_is_better: bool) -> str:
    """Best points first, then points by another method, then those without points; equals by name."""
    direction = "DESC" if higher_is_better else "ASC"
    return f"ORDER BY scaled IS NULL, behind, scaled {direction}, sort_key, organization_id"


def _counts(review: Review) -> bool:
    return review.reason_code != SET_ASIDE


def _distribution(ratings: Iterable[int]) -> tuple[int, int, int, int, int]:
    counts = [0] * 6
    for rating in ratings:
        counts[rating] += 1
    _, one, two, three, four, five = counts
    return one, two, three, four, five


def _as_bytes(lists: Iterable[str]) -> str:
    """Columns of JSON in SQL, as the bytes that they are: what reads it wants no text."""
    return ", ".join(f"CAST({name} AS BLOB)" for name in lists)

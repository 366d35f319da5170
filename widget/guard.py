"""Who may send how much: limits for each address, a trap for machines, and no sending from strangers' pages.

The guard keeps nothing on disk and no address in memory: what it counts is keyed by an HMAC with a random salt that
lives a day. How many are too many is published (`content/guard.yaml`). Time is a clock passed in that
only goes forward, so that setting the machine's clock changes no limit.

Limits hit the attacker, not a school behind one address: a class that rates in ten minutes passes, a script does not.
"""

import hmac
import ipaddress
import math
import secrets
import socket
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from nok.errors import UsageError
from nok.stuffing import StuffingRules

SALT_SECONDS = 24 * 60 * 60
"""A salt is forgotten after a day, and with it everything that was counted under it."""
REMEMBERED_KEYS = 100_000
"""Above this the addresses seen longest ago are forgotten: a flood of addresses must not fill the memory."""

SHORTEST_REPEAT = 20
"""Letters and digits that a text must have to be called the same as another: «всё хорошо» many will write."""


class Limit(NamedTuple):
    """So many of one kind in so many seconds, whenever these begin."""

    kind: str
    number: int
    seconds: int


SIGN_IN = Limit("sign-in", 30, 600)
"""Attempts to sign in at the desk from one address in ten minutes; an account of its own waits after five."""
UPLOADS = Limit("uploads", 60, 3600)
"""Forms with photographs from one address in an hour: a class with a telephone each, and no full disk by night."""


class GuardMode(StrEnum):
    FULL = "full"
    COUNT = "count"
    """Everything is checked and counted, nothing refused or set aside: for load tests."""
    OFF = "off"


class Verdict(StrEnum):
    ALLOW = "allow"
    SET_ASIDE = "set_aside"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why a rating was refused or set aside; the words for a person go by these names."""

    CROSS_SITE = "cross-site"
    TOO_MANY = "too-many"
    TRAP = "trap"
    ONE_PLACE = "one-place"
    NO_PROOF = "no-proof"
    """Too many from one address that proved nothing."""
    ONE_NEIGHBOURHOOD = "one-neighbourhood"
    ONE_STAND = "one-stand"
    SAME_TEXT = "same-text"
    EXCESS = "excess"
    """Too much of one side, found afterwards by comparison with what is usual (`widget/watch.py`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the guard says. `retry_after` is whole seconds, given where waiting helps."""

    verdict: Verdict = Verdict.ALLOW
    reason: Reason | None = None
    retry_after: int | None = None


ALLOWED = Decision()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What the guard is told of a rating, to weigh it. `is_proved` says that its form was opened and worked for."""

    organization_id: str
    is_trapped: bool = False
    is_proved: bool = True
    placement_code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Where a request says it comes from; empty text where it does not say."""

    address: str
    fetch_site: str = ""
    origin: str = ""
    host: str = ""

    @property
    def network(self) -> str:
        """`network_of` the address, which every limit asks for."""
        return network_of(self.address)


class Guard:
    """Judges requests one by one; made for one event loop, not for several threads."""

    def __init__(
        self,
        mode: GuardMode,
        clock: Callable[[], float],
        own_origins: Collection[str] = (),
        rules: StuffingRules = StuffingRules(),  # noqa: B008  frozen
    ) -> None:
        """`own_origins` are the addresses of site and widget; `rules` the published numbers."""
        self.mode = mode
        self._limits = _limits(rules)
        self._request_limits = (
            Limit("second", rules.requests_a_second, 1),
            Limit("ten-minutes", rules.requests_in_ten_minutes, 600),
        )
        self.counts: Counter[str] = Counter()
        self._clock = clock
        self._origins = frozenset(origin_of(url) for url in own_origins)
        self._salt, self._salted_at = secrets.token_bytes(32), clock()
        self._windows = Windows(clock)

    def admit(self, sender: Sender) -> Decision:
        """May this request be read at all? Asked before its body is."""
        if self.mode is GuardMode.OFF:
            return ALLOWED
        if is_foreign(sender, self._origins):
            return self._say(Verdict.REFUSE, Reason.CROSS_SITE)
        return self._within(self._request_limits, self._key(sender.network))

    def admit_photos(self, sender: Sender) -> Decision:
        """May somebody send photographs? Asked after `admit`."""
        if self.mode is GuardMode.OFF:
            return ALLOWED
        return self._within([UPLOADS], self._key(sender.address))

    def admit_sign_in(self, sender: Sender) -> Decision:
        """May somebody try to sign in, to join or to ask for an account? Asked after `admit`."""
        if self.mode is GuardMode.OFF:
            return ALLOWED
        return self._within([SIGN_IN], self._key(sender.network))

    def _within(self, limits: Iterable[Limit], key: str) -> Decision:
        for limit in limits:
            if not self._windows.hit(limit, key):
                return self._say(Verdict.REFUSE, Reason.TOO_MANY, self._windows.seconds_left(limit, key))
        return ALLOWED

    def weigh(self, sender: Sender, ballot: Ballot) -> Decision:
        """Does this rating count? It is stored either way."""
        if self.mode is GuardMode.OFF:
            return ALLOWED
        self.counts["proved" if ballot.is_proved else "unproved"] += 1
        if ballot.is_trapped:
            return self._say(Verdict.SET_ASIDE, Reason.TRAP)
        # Every limit is counted, also above another: what one sets aside is seen by the others.
        broken = [
            reason
            for reason, value in self._counted(sender, ballot)
            if not self._windows.hit(self._limits[reason], ballot.organization_id, value)
        ]
        return self._say(Verdict.SET_ASIDE, broken[0]) if broken else ALLOWED

    def note_excess(self, number: int) -> None:
        """So many ratings were found too many by comparison."""
        self.counts[Reason.EXCESS] += number

    def _counted(self, sender: Sender, ballot: Ballot) -> Iterator[tuple[Reason, str]]:
        """(limit, what it is counted by) of a rating."""
        network = sender.network
        address = self._key(network)
        yield Reason.ONE_PLACE, address
        if not ballot.is_proved:
            yield Reason.NO_PROOF, address
        yield Reason.ONE_NEIGHBOURHOOD, self._key(neighbourhood_of(network))
        if ballot.placement_code:
            yield Reason.ONE_STAND, ballot.placement_code
        if len(words := _words_only(ballot.text)) >= SHORTEST_REPEAT:
            yield Reason.SAME_TEXT, self._key(words)

    def _say(self, verdict: Verdict, reason: Reason, retry_after: int | None = None) -> Decision:
        self.counts[reason] += 1
        if self.mode is GuardMode.COUNT:
            return ALLOWED
        return Decision(verdict=verdict, reason=reason, retry_after=retry_after)

    def _key(self, said: str) -> str:
        """What something is counted under; after a day nobody can say of what."""
        now = self._clock()
        if now - self._salted_at >= SALT_SECONDS:
            self._salt, self._salted_at = secrets.token_bytes(32), now
            self._windows.clear()
        return hmac.digest(self._salt, said.encode(), "sha256").hex()


def _limits(rules: StuffingRules) -> Mapping[Reason, Limit]:
    """Above which number of ratings of one organisation in a day the next ones are kept, but set aside."""
    numbers = {
        Reason.ONE_PLACE: rules.one_address,
        Reason.NO_PROOF: rules.one_address_without_proof,
        Reason.ONE_NEIGHBOURHOOD: rules.one_neighbourhood,
        Reason.ONE_STAND: rules.one_stand,
        Reason.SAME_TEXT: rules.same_text,
    }
    return {reason: Limit(str(reason), number, SALT_SECONDS) for reason, number in numbers.items()}


def _words_only(text: str) -> str:
    """What is left of a text when case, signs and spaces are taken away, so that a comma makes no other text of it."""
    return "".join(filter(str.isalnum, text.casefold()))


def network_of(address: str) -> str:
    """The network that one sender can choose addresses from: a whole IPv4 address, the first 64 bits of an IPv6 one.

    >>> network_of("203.0.113.9"), network_of("2001:db8:1:2:3:4:5:6"), network_of("::ffff:203.0.113.9")
    ('203.0.113.9', '2001:db8:1:2::/64', '203.0.113.9')
    """
    if _is_dotted(address):  # most are; the library of addresses takes twenty times as long
        return address
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def neighbourhood_of(address: str) -> str:
    """The wider network around a sender, in which somebody may rent addresses by the dozen: /24 or /48.

    >>> neighbourhood_of("203.0.113.9"), neighbourhood_of("2001:db8:1:2:3:4:5:6")
    ('203.0.113.0/24', '2001:db8:1::/48')
    """
    network = network_of(address)
    if _is_dotted(network):
        return f"{network.rpartition('.')[0]}.0/24"
    try:
        return str(ipaddress.ip_network((network.partition("/")[0], 48), strict=False))
    except ValueError:
        return address


def _is_dotted(address: str) -> bool:
    """True for an IPv4 address as it is always written: four numbers without leading zeros."""
    try:
        return socket.inet_pton(socket.AF_INET, address) != b""
    except (OSError, ValueError):
        return False


class Proxies(Container[str]):
    """Addresses of web servers in front, named one by one or as networks."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Raises: UsageError, a text is neither an address nor a network."""
        self._networks = [_proxy(text) for text in texts]

    def __contains__(self, address: object) -> bool:
        if not self._networks:
            return False
        try:
            parsed = ipaddress.ip_address(str(address).partition("%")[0])
        except ValueError:
            return False
        mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
        return any((mapped or parsed) in network for network in self._networks)


def _proxy(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise UsageError("proxy-address", text=text, error=error) from error


def sender_address(peer: str, forwarded_for: str, trusted_proxies: Container[str]) -> str:
    """Who really sent: the peer, unless it is a proxy of ours; then the last address that is not one of them.

    The left end of `X-Forwarded-For` is written by the client and means nothing.

    >>> sender_address("9.9.9.9", "1.1.1.1", ()), sender_address("10.0.0.1", "6.6.6.6, 1.1.1.1", ("10.0.0.1",))
    ('9.9.9.9', '1.1.1.1')
    """
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    address = peer
    while address in trusted_proxies and hops:
        address = hops.pop()
    return address


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, as browsers write an origin.

    >>> origin_of("https://Ocenka.example/widget")
    'https://ocenka.example'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def is_foreign(sender: Sender, own_origins: Collection[str]) -> bool:
    """True where a browser says that a page of somebody else sends this.

    A browser tells it by `Sec-Fetch-Site`, an older one by `Origin`; a program that tells neither is no browser and
    carries nobody's rights.
    """
    if sender.fetch_site in ("same-origin", "none"):
        return False
    if sender.origin:
        origin = sender.origin.lower()
        is_same_host = not sender.fetch_site and origin.partition("://")[2] == sender.host.lower() != ""
        return origin not in own_origins and not is_same_host
    return sender.fetch_site != ""


class Windows:
    """Counts in memory what happened within the last seconds, on a clock that is passed in."""

    def __init__(self, clock: Callable[[], float], remembered: int = REMEMBERED_KEYS) -> None:
        """Above `remembered` counts those are forgotten that grew longest ago."""
        self._clock, self._remembered = clock, remembered
        self._hits: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()

    def hit(self, limit: Limit, *counted_by: str) -> bool:
        """Counts one more; false, and nothing is counted, where that would be too many."""
        now, key = self._clock(), (limit.kind, *counted_by)
        hits = self._live(key, now - limit.seconds)
        if len(hits) >= limit.number:
            return False
        hits.append(now)
        self._hits[key] = hits
        self._hits.move_to_end(key)
        while len(self._hits) > self._remembered:
            self._hits.popitem(last=False)
        return True

    def seconds_left(self, limit: Limit, *counted_by: str) -> int:
        """Whole seconds, at least one, until there is room for one more."""
        now = self._clock()
        hits = self._live((limit.kind, *counted_by), now - limit.seconds)
        return max(1, math.ceil(hits[0] + limit.seconds - now)) if hits else 1

    def _live(self, key: tuple[str, ...], oldest: float) -> deque[float]:
        hits = self._hits.get(key) or deque()
        while hits and hits[0] <= oldest:
            hits.popleft()
        return hits

    def clear(self) -> None:
        """Forgets everything."""
        self._hits.clear()

    def __len__(self) -> int:
        """How many counts are remembered."""
        return len(self._hits)

"""Addresses of sites and of mail: their form, and those that people are known to misspell. Nothing is ever fetched.

Floor 1, pure: YAML text in, a frozen list out; an address in, what is wrong with it out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nok.documents import parse_yaml, refuse_unknown
from nok.errors import ConfigError
from nok.vocabulary import as_list, as_text

_LABEL = "[a-zа-яё0-9](?:[a-zа-яё0-9-]{0,61}[a-zа-яё0-9])?"
HOST = rf"(?:{_LABEL}\.)+(?:[a-zа-яё]{{2,24}}|xn--[a-z0-9-]{{2,59}})"
_ADDRESS = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{HOST})(?::[0-9]{{2,5}})?(?P<rest>[/?#][^\s\"'<>\\]*)?", re.IGNORECASE
)
_WITHOUT_SCHEME = re.compile(rf"{HOST}(?::[0-9]{{2,5}})?(?:[/?#][^\s\"'<>\\]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What editors know of addresses: `misspelt` is a host, or a host with the beginning of a path, to the right one;
    `private_mail` are hosts where people keep mailboxes of their own."""

    misspelt: Mapping[str, str] = field(default_factory=dict)
    private_mail: frozenset[str] = frozenset()

    @property
    def misspelt_hosts(self) -> frozenset[str]:
        """The hosts that occur in `misspelt`, without their paths."""
        return frozenset(wrong.partition("/")[0] for wrong in self.misspelt)


def parse_links(text: str, source: str) -> Links:
    """The list written in `text`.

    Raises:
        ConfigError: an unknown key, a host that is none, a host that is said to be a misspelling of itself.
    """
    found = parse_yaml(text, source)
    refuse_unknown(found, ("misspelt", "private_mail"), source)
    misspelt = found.get("misspelt") or {}
    if not isinstance(misspelt, dict):
        raise ConfigError("links-lines", place=source)
    for wrong, right in misspelt.items():
        for address in (wrong, as_text(right, f"{source}: misspelt: {wrong}")):
            if not isinstance(address, str) or not _WITHOUT_SCHEME.fullmatch(address):
                raise ConfigError("links-host", place=source, address=address)
        if wrong == right:
            raise ConfigError("links-itself", place=source, wrong=wrong)
    mail = [
        as_text(host, f"{source}: private_mail") for host in as_list(found.get("private_mail", [""]), source) if host
    ]
    return Links(misspelt={wrong.lower(): right for wrong, right in misspelt.items()}, private_mail=frozenset(mail))


def link_fault(text: str, links: Links) -> tuple[str, str] | None:
    """(rule, right address or "") of an address that is not surely in order; `None` for one that is.

    >>> known = Links(misspelt={"bas.gov.ru": "bus.gov.ru"})
    >>> link_fault("http://bas.gov.ru/info-card/1", known)
    ('link-misspelt', 'http://bus.gov.ru/info-card/1')
    >>> link_fault("school12.example", known), link_fault("https://school", known), link_fault("https://a.example", known)
    (('link-scheme', 'https://school12.example'), ('link-form', ''), None)
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return ("link-scheme", f"https://{text}") if _WITHOUT_SCHEME.fullmatch(text) else ("link-form", "")
    host, rest = found["host"].lower().removeprefix("www."), found["rest"] or ""
    for wrong, right in links.misspelt.items():
        whole = host + rest
        if whole.lower() == wrong or (whole.lower().startswith(wrong) and whole[len(wrong)] in "/?#"):
            return "link-misspelt", f"{found['scheme'].lower()}://{right}{whole[len(wrong) :]}"
    return None


def is_private_mail(address: str, links: Links) -> bool:
    """True for a mailbox of a host where people keep their own.

    >>> is_private_mail("ivan@mail.ru", Links(private_mail=frozenset({"mail.ru"})))
    True
    """
    return address.strip().rpartition("@")[2].lower() in links.private_mail

"""Texts set in lines that fit: measured before they are drawn. Lengths are points."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from nok.render.paper import Fonts

CUT = "…"
"""The mark of a text that was cut."""

NO_BREAK = "\u00a0"
_KEPT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class SetText:
    """A text in lines of one size: each with its width. `is_cut` says that the end was left out and marked."""

    size: float
    lines: tuple[tuple[str, float], ...]
    is_cut: bool = False


class Setter:
    """Sets texts in the fonts of posters."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self.fit = lru_cache(_KEPT)(self._fit)  # most texts of a run are those of the poster before
        self.cut = lru_cache(_KEPT)(self._cut)

    def _fit(
        self, text: str, weight: str, sizes: tuple[float, ...], width: float, most: int, is_address: bool = False
    ) -> SetText | None:
        """`text` at the largest of `sizes` (largest first) at which it takes at most `most` lines of `width`.

        `None` where it takes more at every size. An `is_address` may be broken after a slash.
        """
        measured = _Measured(self._fonts, text, weight, is_address=is_address)
        # Words are cut only where that cannot be helped, not where smaller type would leave them whole.
        for is_cutting in (False, True):
            for size in sizes:
                limit = width / size
                if measured.total > limit * most or (measured.longest > limit and not is_cutting):
                    continue
                lines = measured.lines(limit)
                if len(lines) <= most:
                    lines = measured.balanced(limit, len(lines))
                    return SetText(size=size, lines=tuple([(line, wide * size) for line, wide in lines]))
        return None

    def _cut(self, text: str, weight: str, size: float, width: float, most: int) -> SetText:
        """The beginning of `text` in `most` lines, with a mark where it was cut."""
        lines = _Measured(self._fonts, text, weight).lines(width / size)
        if len(lines) <= most:
            return SetText(size=size, lines=tuple([(line, wide * size) for line, wide in lines]))
        last = lines[most - 1][0]
        while last and self._fonts.width(f"{last}{CUT}", weight) * size > width:
            last = last[:-1].rstrip()
        kept = [*(line for line, _ in lines[: most - 1]), f"{last}{CUT}"]
        return SetText(
            size=size,
            lines=tuple([(line, self._fonts.width(line, weight) * size) for line in kept]),
            is_cut=True,
        )


class _Measured:
    """A text as words with their widths at size 1."""

    def __init__(self, fonts: Fonts, text: str, weight: str, *, is_address: bool = False) -> None:
        self._fonts, self._weight = fonts, weight
        self._joint = "" if is_address else " "
        words = (
            _address_parts(text)
            if is_address
            else [word for word in text.replace("№ ", f"№{NO_BREAK}").split(" ") if word]
        )
        self._words = [(word, fonts.width(word, weight)) for word in words]
        self._space = fonts.width(self._joint, weight)
        self.total = sum([width for _, width in self._words])
        """The width of all words without the spaces between them: no number of lines is narrower."""
        self.longest = max([width for word, width in self._words if NO_BREAK not in word], default=0.0)
        """The widest word, those left out that may be broken at a space."""

    def lines(self, limit: float) -> list[tuple[str, float]]:
        """Lines not wider than `limit`; a word that is wider by itself is cut."""
        lines: list[tuple[str, float]] = []
        for word, width in self._words:
            for part, wide in self._cut(word, width, limit):
                if lines and lines[-1][1] + self._space + wide <= limit:
                    lines[-1] = (f"{lines[-1][0]}{self._joint}{part}", lines[-1][1] + self._space + wide)
                else:
                    lines.append((part, wide))
        return lines

    def _cut(self, word: str, width: float, limit: float) -> Iterator[tuple[str, float]]:
        if width > limit and NO_BREAK in word:  # better torn here than in the middle of a word
            for part in word.split(NO_BREAK):
                yield from self._cut(part, self._fonts.width(part, self._weight), limit)
            return
        while width > limit and len(word) > 1:
            fits = 1
            taken = self._fonts.width(word[0], self._weight)
            while taken + (more := self._fonts.width(word[fits], self._weight)) <= limit:
                taken += more
                fits += 1
            yield word[:fits], taken
            word = word[fits:]
            width = self._fonts.width(word, self._weight)
        yield word, width

    def balanced(self, limit: float, number: int) -> list[tuple[str, float]]:
        """The narrowest setting in `number` lines, so that no short last line hangs below a long one."""
        if number < 2:
            return self.lines(limit)
        longest = max([min(width, limit) for _, width in self._words])  # narrower, and a word would be cut for it
        narrow, wide = max(self.total / number, longest), limit
        for _ in range(_HALVINGS):
            middle = (narrow + wide) / 2
            if len(self.lines(middle)) <= number:
                wide = middle
            else:
                narrow = middle
        return self.lines(wide)


_HALVINGS = 7
"""A width is found to a hundredth of what it can be."""


def _address_parts(text: str) -> list[str]:
    """An address in parts that may stand in lines of their own: each ends with its slash."""
    pieces = text.split("/")
    return [f"{piece}/" for piece in pieces[:-1]] + pieces[-1:]

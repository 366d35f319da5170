"""What may become of a rating and of its text: tables of allowed moves, one more for photographs. Pure.

A rating without text is accepted by rule unless the guard sets it aside; a text waits until somebody has read it.
Whatever is not in a table cannot happen, and every move that happens is written down in the audit chain. An organisation
stands in no row of either table: it can report and answer, never hide.
"""

from enum import StrEnum


class ReviewStanding(StrEnum):
    """Where a rating stands."""

    ACCEPTED = "accepted"
    """It counts."""
    SET_ASIDE = "set_aside"
    """It is published as restricted and counts in no mean."""
    WITHDRAWN = "withdrawn"
    """Its author took it back: it is exported no more, its text is erased."""


class TextStanding(StrEnum):
    """Where the text of a rating stands."""

    NONE = "none"
    WAITING = "waiting"
    PUBLISHED = "published"
    REJECTED = "rejected"
    """Hidden for a reason of the published rules; the reason stands in its place."""
    ERASED = "erased"
    """Nobody can read it any more, because the law asked for it; the reason stands in its place."""


class PhotoStanding(StrEnum):
    """Where a photograph of a rating stands."""

    WAITING = "waiting"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    """Hidden for a reason of the published rules."""
    REMOVED = "removed"
    """Its author took it back, or the law asked for it: nobody can see it any more."""


class AppealStanding(StrEnum):
    """Where the appeal of an author against a decision stands."""

    OPEN = "open"
    GRANTED = "granted"
    """The decision was changed."""
    REFUSED = "refused"
    """Another moderator looked again, and the decision stays."""
    LAPSED = "lapsed"
    """Its author wrote another text or took the rating back, or the law had the text erased."""


class Actor(StrEnum):
    """Who may make a move."""

    AUTHOR = "author"
    GUARD = "guard"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"


class ForbiddenMoveError(ValueError):
    """The tables do not allow this."""


_REVIEW_MOVES = {
    (ReviewStanding.ACCEPTED, ReviewStanding.WITHDRAWN): {Actor.AUTHOR},
    (ReviewStanding.SET_ASIDE, ReviewStanding.WITHDRAWN): {Actor.AUTHOR},
    (ReviewStanding.ACCEPTED, ReviewStanding.SET_ASIDE): {Actor.GUARD, Actor.MODERATOR},
    (ReviewStanding.SET_ASIDE, ReviewStanding.ACCEPTED): {Actor.MODERATOR},
}

_TEXT_MOVES = {
    (TextStanding.NONE, TextStanding.WAITING): {Actor.AUTHOR},
    (TextStanding.WAITING, TextStanding.WAITING): {Actor.AUTHOR},
    (TextStanding.PUBLISHED, TextStanding.WAITING): {Actor.AUTHOR},
    (TextStanding.REJECTED, TextStanding.WAITING): {Actor.AUTHOR},
    (TextStanding.WAITING, TextStanding.NONE): {Actor.AUTHOR},
    (TextStanding.PUBLISHED, TextStanding.NONE): {Actor.AUTHOR},
    (TextStanding.REJECTED, TextStanding.NONE): {Actor.AUTHOR},
    (TextStanding.WAITING, TextStanding.PUBLISHED): {Actor.MODERATOR},
    (TextStanding.WAITING, TextStanding.REJECTED): {Actor.MODERATOR},
    (TextStanding.PUBLISHED, TextStanding.REJECTED): {Actor.MODERATOR},
    (TextStanding.REJECTED, TextStanding.PUBLISHED): {Actor.MODERATOR},
    (TextStanding.PUBLISHED, TextStanding.PUBLISHED): {Actor.MODERATOR},
    (TextStanding.REJECTED, TextStanding.REJECTED): {Actor.MODERATOR},
    (TextStanding.WAITING, TextStanding.ERASED): {Actor.ADMINISTRATOR},
    (TextStanding.PUBLISHED, TextStanding.ERASED): {Actor.ADMINISTRATOR},
    (TextStanding.REJECTED, TextStanding.ERASED): {Actor.ADMINISTRATOR},
    (TextStanding.ERASED, TextStanding.WAITING): {Actor.AUTHOR},
}


_PHOTO_MOVES = {
    (PhotoStanding.WAITING, PhotoStanding.PUBLISHED): {Actor.MODERATOR},
    (PhotoStanding.WAITING, PhotoStanding.HIDDEN): {Actor.MODERATOR},
    (PhotoStanding.PUBLISHED, PhotoStanding.PUBLISHED): {Actor.MODERATOR},
    (PhotoStanding.PUBLISHED, PhotoStanding.HIDDEN): {Actor.MODERATOR},
    (PhotoStanding.HIDDEN, PhotoStanding.PUBLISHED): {Actor.MODERATOR},
    (PhotoStanding.HIDDEN, PhotoStanding.HIDDEN): {Actor.MODERATOR},
    (PhotoStanding.WAITING, PhotoStanding.REMOVED): {Actor.AUTHOR, Actor.ADMINISTRATOR},
    (PhotoStanding.PUBLISHED, PhotoStanding.REMOVED): {Actor.AUTHOR, Actor.ADMINISTRATOR},
    (PhotoStanding.HIDDEN, PhotoStanding.REMOVED): {Actor.AUTHOR, Actor.ADMINISTRATOR},
}


def first_standing(*, is_set_aside: bool) -> ReviewStanding:
    """Where a new rating stands by the published rule."""
    return ReviewStanding.SET_ASIDE if is_set_aside else ReviewStanding.ACCEPTED


def first_text_standing(text: str) -> TextStanding:
    """Where a new text stands: nobody has read it yet."""
    return TextStanding.WAITING if text else TextStanding.NONE


def move_review(now: ReviewStanding, then: ReviewStanding, actor: Actor) -> ReviewStanding:
    """`then`, where `actor` may lead a rating there.

    Raises:
        ForbiddenMoveError: the table has no such move.
    """
    if actor not in _REVIEW_MOVES.get((now, then), ()):
        raise ForbiddenMoveError(f"{actor} may not move a rating from {now} to {then}")
    return then


def move_text(now: TextStanding, then: TextStanding, actor: Actor) -> TextStanding:
    """`then`, where `actor` may lead a text there.

    Raises:
        ForbiddenMoveError: the table has no such move.
    """
    if actor not in _TEXT_MOVES.get((now, then), ()):
        raise ForbiddenMoveError(f"{actor} may not move a text from {now} to {then}")
    return then


def move_photo(now: PhotoStanding, then: PhotoStanding, actor: Actor) -> PhotoStanding:
    """`then`, where `actor` may lead a photograph there.

    Raises:
        ForbiddenMoveError: the table has no such move.
    """
    if actor not in _PHOTO_MOVES.get((now, then), ()):
        raise ForbiddenMoveError(f"{actor} may not move a photograph from {now} to {then}")
    return then


def rewrite_text(now: TextStanding, text: str) -> TextStanding:
    """Where a text stands after its author wrote `text` in its place; an absence that stays one changes nothing."""
    then = first_text_standing(text)
    is_absent = now in (TextStanding.NONE, TextStanding.ERASED)
    return now if then is TextStanding.NONE and is_absent else move_text(now, then, Actor.AUTHOR)

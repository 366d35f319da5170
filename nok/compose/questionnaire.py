"""The page of a questionnaire: the form as it is asked and printed, and what each question feeds."""

from collections.abc import Iterator, Sequence

from nok import urls
from nok.compose.edition import Edition
from nok.model import AnswerRow, Fact, Link, QuestionnairePage, QuestionRow
from nok.questionnaire import (
    Choice,
    Condition,
    Counts,
    Feed,
    Format,
    Question,
    Questionnaire,
    Role,
    following,
)

DEEPEST = 3
"""Branches below this are set no further in: a phone has no room for more."""


def questionnaire_page(
    form: Questionnaire, every: Sequence[Questionnaire], is_demonstration: bool, edition: Edition
) -> QuestionnairePage:
    """`every` are all forms that are shown, this one among them."""
    path, words, language = urls.questionnaire(form.id, edition.lang), edition.words, edition.language
    others = [other for other in every if other.id != form.id]
    return QuestionnairePage(
        title=form.title[language],
        description=words("page.questionnaire_description", title=form.title[language]),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=tuple(_crumbs(form, path, edition)),
        heading=form.title[language],
        note=form.note[language],
        intro=form.intro[language],
        passport=tuple(_passport(form, path, edition)),
        questions=tuple(_rows(form, path, edition)),
        downloads=(
            Link(
                text=words("page.questionnaire_xlsform"), href=urls.relative(urls.questionnaire_xlsform(form.id), path)
            ),
            Link(text=words("page.questionnaire_schema"), href=urls.relative(urls.questionnaire_schema(form.id), path)),
        ),
        others=tuple(
            Link(text=other.title[language], href=urls.relative(urls.questionnaire(other.id, edition.lang), path))
            for other in others
        ),
    )


def _crumbs(form: Questionnaire, path: str, edition: Edition) -> Iterator[Link]:
    yield Link(text=edition.words("page.home"), href=urls.relative(urls.home(edition.lang), path))
    if form.method:
        yield edition.method_link(edition.methods[form.method], path)


def _passport(form: Questionnaire, path: str, edition: Edition) -> Iterator[Fact]:
    words, language = edition.words, edition.language
    yield Fact(name=words("page.questionnaire_code"), value=form.id)
    yield Fact(name=words("page.questionnaire_source"), value=form.source[language])
    yield Fact(name=words("page.questionnaire_status"), value=words(f"page.questionnaire_{form.standing}"))
    yield Fact(name=words("page.questionnaire_version"), value=f"{form.version} ({form.digest})")
    if form.published_on:
        yield Fact(name=words("page.questionnaire_published_on"), value=edition.day(form.published_on))
    if valid := _validity(form, edition):
        yield Fact(name=words("page.method_valid"), value=valid)
    if form.spheres:
        titles = ", ".join(edition.sphere_title(sphere) for sphere in form.spheres)
        yield Fact(name=words("page.sphere"), value=titles)
    if form.regions:
        names = ", ".join(edition.region_name(code) for code in form.regions)
        yield Fact(name=words("page.questionnaire_regions"), value=names)
    if form.method:
        link = edition.method_link(edition.methods[form.method], path)
        yield Fact(name=words("page.method"), value=link.text, href=link.href)
    if form.base:
        href = urls.relative(urls.questionnaire(form.base, edition.lang), path)
        yield Fact(name=words("page.questionnaire_base"), value=form.base, href=href)


def _validity(form: Questionnaire, edition: Edition) -> str:
    words = edition.words
    parts = [
        words("page.questionnaire_period", year=form.period) if form.period else "",
        words("page.valid_from", day=edition.day(form.valid_from)) if form.valid_from else "",
        words("page.valid_to", day=edition.day(form.valid_to)) if form.valid_to else "",
    ]
    return " ".join(part for part in parts if part)


# ---- questions -----------------------------------------------------------------------------------------------------


def _rows(form: Questionnaire, path: str, edition: Edition) -> Iterator[QuestionRow]:
    depths: dict[str, int] = {}
    for place, question in enumerate(form.questions):
        depths[question.id] = 1 + max(depths[condition.question] for condition in question.when) if question.when else 0
        after = form.questions[place + 1] if place + 1 < len(form.questions) else None
        yield QuestionRow(
            number=str(question.number),
            text=question.text[edition.language],
            hint=question.hint[edition.language],
            condition=_conditions(form, question, edition),
            depth=min(depths[question.id], DEEPEST),
            answers=tuple(
                AnswerRow(
                    text=choice.text[edition.language],
                    arrow=_arrow(form, question, choice, after, edition),
                )
                for choice in question.choices
                if question.format is not Format.NUMBER
            ),
            note=edition.words("page.question_many") if question.format is Format.MANY else "",
            writing={Format.TEXT: "long", Format.NUMBER: "short"}.get(question.format, ""),
            feeds=tuple(_feeds(form, question, path, edition)),
            own_note=edition.words("page.question_own") if question.is_own else "",
        )


def _conditions(form: Questionnaire, question: Question, edition: Edition) -> str:
    """Of whom a question is asked: `Если на вопрос 1 вы ответили «Да»`; empty where of everybody."""
    said = [_condition(form.by_id[condition.question], condition, edition) for condition in question.when]
    if not said:
        return ""
    return edition.words("page.question_if", conditions=f" {edition.words('page.question_and')} ".join(said))


def _condition(parent: Question, condition: Condition, edition: Edition) -> str:
    named = [_quoted(choice, edition) for choice in parent.choices if choice.code in condition.answers]
    answers = f" {edition.words('page.question_or')} ".join(named)
    return edition.words("page.question_condition", number=parent.number, answers=answers)


def _quoted(choice: Choice, edition: Edition) -> str:
    return edition.words("page.question_quote", text=choice.text[edition.language])


def _arrow(form: Questionnaire, question: Question, choice: Choice, after: Question | None, edition: Edition) -> str:
    """Where somebody with a pencil goes on; empty where simply to the next question."""
    if question.format is not Format.ONE or after is None:
        return ""
    target = following(form, question, choice.code)
    if target is after:
        return ""
    return edition.words("page.question_goto", number=target.number) if target else edition.words("page.question_end")


def _feeds(form: Questionnaire, question: Question, path: str, edition: Edition) -> Iterator[Fact]:
    for feed in question.feeds:
        if feed.role is Role.MARK:
            name = edition.words(f"page.criterion_{feed.target}")
            yield Fact(name=edition.words("page.feeds_mark", name=name), value="")
            continue
        measure = edition.methods[form.method].by_id[feed.target]
        href = f"{urls.relative(urls.method(form.method, edition.lang), path)}#m-{measure.id}"
        said = edition.words("page.feeds_base") if feed.role is Role.BASE else _share(question, edition)
        yield Fact(
            name=_named(feed, edition),
            value=f"{measure.id} {measure.title[edition.language]}",
            href=href,
        )
        yield Fact(name=said, value="")


def _named(feed: Feed, edition: Edition) -> str:
    if not feed.parameter:
        return edition.words("page.feeds_measure")
    return edition.words("page.feeds_parameter", parameter=feed.parameter)


def _share(question: Question, edition: Edition) -> str:
    """Which answers are the share, and which are left out of it."""

    def named(counts: Counts) -> str:
        return ", ".join(_quoted(choice, edition) for choice in question.choices if choice.counts is counts)

    said = edition.words("page.feeds_share", answers=named(Counts.SATISFIED))
    left_out = named(Counts.LEFT_OUT)
    return f"{said} {edition.words('page.feeds_left_out', answers=left_out)}" if left_out else said

"""The questionnaire as a page of the widget: every question with its branch under it, and the page that thanks.

Works without a script: a branch stands under its question and says of whom it is asked; a browser that knows `:has()`
hides it when the answer closes it, and the server clears what was answered there all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nok import urls
from nok.errors import Problem
from nok.questionnaire import Condition, Format, Question, Questionnaire, following
from widget.directory import OrganizationCard
from widget.pages import Frame, Link, MessagePage, Subject, View, sentences, subject_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """One answer. `shuts` says that it closes the branch below the question."""

    code: str
    text: str
    is_chosen: bool
    shuts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """One question. `value` is what was written; `problem` what is wrong with it.

    `opens` says that the next questions are its branch; so many `closings` as there are branches that end with it.
    """

    id: str
    number: str
    text: str
    hint: str
    condition: str
    kind: str
    choices: tuple[ChoiceRow, ...]
    lowest: str
    highest: str
    value: str
    is_required: bool
    problem: str
    opens: bool
    closings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage(Frame):
    """The whole form. `problems` link to the questions that they are about (`#q-…`), or nowhere."""

    subject: Subject
    heading: str
    intro: str
    action: str
    rate_href: str
    idempotency_key: str
    placement_code: str
    questions: tuple[QuestionRow, ...]
    problems: tuple[Link, ...] = ()


def form_page(
    view: View,
    organization_id: str,
    card: OrganizationCard,
    form: Questionnaire,
    *,
    idempotency_key: str,
    placement_code: str = "",
    said: Mapping[str, Sequence[str]] | None = None,
    problems: Sequence[Problem] = (),
) -> FormPage:
    """The form for one organisation; `said` is what was sent before and refused, so that nobody answers twice."""
    rate = urls.scan(placement_code) if placement_code else urls.rate(organization_id)
    return FormPage(
        title=view.words("widget.form_title", name=card.name),
        description=view.words("widget.form_description"),
        address=urls.rate_questionnaire(organization_id),
        alternates=view.alternates(),
        is_demonstration=card.is_demonstration,
        subject=subject_of(view, card),
        heading=form.title[view.language],
        intro=form.intro[view.language],
        action=view.here(urls.rate_questionnaire(organization_id)),
        rate_href=view.here(rate),
        idempotency_key=idempotency_key,
        placement_code=placement_code,
        questions=_rows(view, form, said or {}, problems),
        problems=tuple(
            Link(text=sentence, href=f"#q-{problem.where.column}" if problem.where.column in form.by_id else "")
            for problem, sentence in zip(problems, sentences(view.words, problems), strict=True)
        ),
    )


def sent_page(
    view: View,
    organization_id: str,
    card: OrganizationCard,
    form: Questionnaire,
    *,
    cleared: Sequence[str] = (),
    is_set_aside: bool = False,
) -> MessagePage:
    """Thanks, what was cleared, and when the answers are published."""
    words = view.words
    numbers = [str(form.by_id[name].number) for name in cleared if name in form.by_id]
    said = [words("widget.form_set_aside" if is_set_aside else "widget.form_counted")]
    if numbers:
        said.append(words("widget.form_cleared", numbers=", ".join(numbers)))
    return MessagePage(
        title=words("widget.form_thanks"),
        description=words("widget.form_thanks"),
        address=urls.rate_questionnaire(organization_id),
        alternates=view.alternates(),
        is_demonstration=card.is_demonstration,
        heading=words("widget.form_thanks"),
        sentences=tuple(said),
        links=(
            Link(text=words("widget.form_rate_too"), href=view.here(urls.rate(organization_id))),
            Link(text=words("widget.to_organization"), href=view.site(card.href)),
        ),
    )


# ---- questions -----------------------------------------------------------------------------------------------------


def _rows(
    view: View, form: Questionnaire, said: Mapping[str, Sequence[str]], problems: Sequence[Problem]
) -> tuple[QuestionRow, ...]:
    wrong = dict(zip([problem.where.column for problem in problems], sentences(view.words, problems), strict=True))
    depths = _depths(form)
    after = [*depths[1:], 0]
    return tuple(
        QuestionRow(
            id=question.id,
            number=str(question.number),
            text=question.text[view.language],
            hint=question.hint[view.language],
            condition=_conditions(view, form, question),
            kind=question.format,
            choices=_choices(view, form, question, said.get(question.id, ())),
            lowest="" if question.lowest is None else str(question.lowest),
            highest="" if question.highest is None else str(question.highest),
            value=next(iter(said.get(question.id, ())), ""),
            is_required=question.is_required,
            problem=wrong.get(question.id, ""),
            opens=after[place] > depths[place],
            closings=("",) * max(0, depths[place] - after[place]),
        )
        for place, question in enumerate(form.questions)
    )


def _depths(form: Questionnaire) -> list[int]:
    """How deep each question stands: one deeper than what it hangs on, and never more than one deeper than the one
    before it, for there would be nothing to stand under."""
    found: dict[str, int] = {}
    last = -1
    for question in form.questions:
        deep = 1 + max((found[condition.question] for condition in question.when), default=-1)
        last = found[question.id] = min(deep, last + 1)
    return list(found.values())


def _choices(view: View, form: Questionnaire, question: Question, said: Sequence[str]) -> tuple[ChoiceRow, ...]:
    if question.format is Format.NUMBER:
        return ()
    return tuple(
        ChoiceRow(
            code=choice.code,
            text=choice.text[view.language],
            is_chosen=choice.code in said,
            shuts=question.format is Format.ONE and _shuts(form, question, choice.code),
        )
        for choice in question.choices
    )


def _shuts(form: Questionnaire, question: Question, code: str) -> bool:
    """Whether all that stands below a question is passed over after this answer."""
    place = form.questions.index(question)
    depths = _depths(form)
    below = next((later for later in range(place + 1, len(depths)) if depths[later] <= depths[place]), len(depths))
    target = following(form, question, code)
    return below > place + 1 and (target is None or form.questions.index(target) >= below)


def _conditions(view: View, form: Questionnaire, question: Question) -> str:
    if not question.when:
        return ""
    said = [_condition(view, form.by_id[condition.question], condition) for condition in question.when]
    return view.words("widget.form_if", conditions=f" {view.words('widget.form_and')} ".join(said))


def _condition(view: View, parent: Question, condition: Condition) -> str:
    named = [
        view.words("widget.form_quote", text=choice.text[view.language])
        for choice in parent.choices
        if choice.code in condition.answers
    ]
    answers = f" {view.words('widget.form_or')} ".join(named)
    return view.words("widget.form_condition", number=parent.number, answers=answers)

"""A filled questionnaire as sent, as a record or as problems. Pure.

The frame (the key of a retry, the placement, the language) is read as that of a rating; what is answered is judged by
the questionnaire itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nok.errors import Place, Problem
from nok.questionnaire import Format, Questionnaire, Reading, read_answers, tally
from widget.submission import Fields, parse_frame, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledForm:
    """`reading` is what was answered and what was cleared; `said` is what was sent, to be shown again."""

    idempotency_key: str
    placement_code: str
    reading: Reading
    said: Mapping[str, list[str]]

    def counts(self, questionnaire: Questionnaire) -> tuple[tuple[str, str], ...]:
        return tuple(tally(questionnaire, self.reading.answers))

    def texts(self, questionnaire: Questionnaire) -> tuple[tuple[str, str], ...]:
        return tuple(
            (name, said[0])
            for name, said in self.reading.answers.items()
            if questionnaire.by_id[name].format is Format.TEXT
        )


def several(questionnaire: Questionnaire) -> Collection[str]:
    """The fields that a form may send more than once."""
    return {question.id for question in questionnaire.questions if question.format is Format.MANY}


def most_fields(questionnaire: Questionnaire) -> int:
    """So many fields at most can an honest form send."""
    return 10 + sum(max(1, len(question.choices)) for question in questionnaire.questions)


def parse_filled_form(
    fields: Fields, questionnaire: Questionnaire, *, is_form: bool
) -> tuple[FilledForm | None, dict[str, list[str]], list[Problem]]:
    """(the form or `None`, what was said, all that is wrong with it)."""
    frame, rest, problems = parse_frame(fields, is_form=is_form)
    said: dict[str, list[str]] = {}
    for name, value in rest.items():
        texts = _texts(value, is_form=is_form)
        if texts is None:
            problems.append(Problem(rule="text-expected", where=Place(column=shown(name)), value=shown(value)))
        else:
            said[name] = texts
    reading = read_answers(questionnaire, said)
    problems += reading.problems
    if not problems and not reading.answers:
        problems.append(Problem(rule="form-empty", where=Place()))
    if problems:
        return None, said, problems
    return FilledForm(**frame, reading=reading, said=said), said, []


def _texts(value: object, *, is_form: bool) -> list[str] | None:
    """What was sent in one field as a list of texts; JSON may send a number or nothing. `None` for anything else."""
    if value is None and not is_form:
        return []
    if isinstance(value, list):
        return value if all(isinstance(text, str) for text in value) else None
    if type(value) is int and not is_form:
        return [str(value)]
    return [value] if isinstance(value, str) else None

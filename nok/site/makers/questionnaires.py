"""Pages and files of questionnaires."""

import json
from collections.abc import Iterator

from nok import urls
from nok.compose.questionnaire import questionnaire_page
from nok.questionnaire import answers_schema
from nok.site.manifest import Wanted
from nok.site.worker import Task, Worker


def questionnaires(worker: Worker, task: Task) -> Iterator[Wanted]:
    """The page of a questionnaire, the schema of its answers and its XLSForm."""
    # A spreadsheet library, which only the worker that writes these few files has to import.
    from nok.render.xlsform import xlsform_bytes

    languages, forms = worker.publication.config.languages, worker.publication.shown_questionnaires
    for unit in task.units:
        worker.begin(task, unit)
        form = worker.publication.questionnaires[unit.name.partition("/")[2]]
        is_invented = bool(form.regions) and worker.demonstrations.issuperset(form.regions)
        for edition in worker.editions.values():
            page = questionnaire_page(form, forms, is_invented, edition)
            worker.write_page(page, urls.questionnaire(form.id, edition.lang), edition)
        schema = json.dumps(answers_schema(form, languages[0]), ensure_ascii=False, indent=2)
        worker.writer.write(urls.questionnaire_schema(form.id), f"{schema}\n".encode())
        worker.writer.write(urls.questionnaire_xlsform(form.id), xlsform_bytes(form, languages))
        yield unit

"""What published numbers follow from besides tables, as one published file: methods, questionnaires, options.

With it and the tables whoever has downloaded them computes every number again, without our program's own `content/`.
"""

import json
from dataclasses import replace
from typing import Any

from nok.errors import ConfigError
from nok.method import parse_method
from nok.questionnaire_file import Known, parse_questionnaires
from nok.site.publication import Publication
from nok.vocabulary import parse_spheres

_OPTIONS = ("minimum_ratings", "split_step", "address_shards")


def rules_json(publication: Publication) -> bytes:
    """The files that editors wrote, word by word, and the options that shape numbers and addresses."""
    found = {
        "spheres": publication.text("spheres.yaml"),
        "methods": publication.texts("methods"),
        "questionnaires": publication.texts("questionnaires") if publication.questionnaires else {},
        "options": {name: getattr(publication.config, name) for name in _OPTIONS},
    }
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def with_rules(publication: Publication, text: bytes) -> Publication:
    """The publication with the rules that a site published in place of its own.

    Raises:
        ConfigError: they cannot be followed.
    """
    found = _parse(text)
    spheres = parse_spheres(found["spheres"], "rules.json: spheres")
    parsed = [parse_method(one, f"rules.json: {name}") for name, one in found["methods"].items()]
    methods = {method.id: method for method in parsed}
    known = Known(methods=methods, spheres=spheres.spheres)
    forms = parse_questionnaires([(f"rules.json: {name}", one) for name, one in found["questionnaires"].items()], known)
    options = {name: found["options"][name] for name in _OPTIONS}
    config = replace(publication.config, **options)
    return replace(publication, config=config, spheres=spheres, methods=methods, questionnaires=forms)


def _parse(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
        texts = [found["spheres"], *found["methods"].values(), *found["questionnaires"].values()]
        is_right = all(isinstance(one, str) for one in texts)
        is_right &= all(type(found["options"][name]) is int for name in _OPTIONS)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError("rules-damaged") from error
    if not is_right:
        raise ConfigError("rules-damaged")
    return dict(found)

"""Publishing: a questionnaire document becomes a frozen version."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.questionnaire.codebook import Codebook, build_codebook
from survey_app.questionnaire.declarations import (
    Declaration,
    Declarations,
    Matter,
    Verdict,
    check_declarations,
    dump_declarations,
    find_matters,
    load_declarations,
)
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.fingerprint import fingerprint
from survey_app.questionnaire.parsing import dump_questionnaire, parse_questionnaire
from survey_app.storage.models import QuestionnaireVersion as QuestionnaireVersion
from survey_app.storage.queries import questionnaires as queries
from survey_app.storage.queries.questionnaires import last_version, version_by_fingerprint
from survey_app.storage.races import looks_again

MOST_LOADED = 64
#: Documents somebody is about to publish: looked at, declared on and published one after another.
MOST_SOURCES = 16


@dataclass(frozen=True)
class Publication:
    """``is_new`` is False when this very document had been published before."""

    version: QuestionnaireVersion
    is_new: bool


@dataclass(frozen=True)
class Comparison:
    """A document beside the version published last. ``version``: the one that holds this very
    document, if it has been published; ``base``: the last one, None for a first version;
    ``matters``: every edit since, with what must be declared about it."""

    questionnaire: Questionnaire
    version: QuestionnaireVersion | None
    base: QuestionnaireVersion | None
    matters: tuple[Matter, ...]

    @property
    def open_matters(self) -> tuple[Matter, ...]:
        return tuple(matter for matter in self.matters if matter.is_open)


def compare_with_published(session: Session, source: str) -> Comparison:
    """What publishing this document would change. Raises Invalid with every mistake in it."""
    questionnaire = _parse(source)
    mark = fingerprint(questionnaire)
    version = version_by_fingerprint(session, questionnaire.code, mark)
    base = last_version(session, questionnaire.code)
    is_new = version is None and base is not None
    matters = find_matters(load_questionnaire(base), questionnaire) if base and is_new else ()
    return Comparison(questionnaire, version, base, matters)


@looks_again
def publish_questionnaire(
    session: Session,
    source: str,
    *,
    now: datetime,
    account_id: int | None = None,
    declared: Declarations | None = None,
) -> Publication:
    """Freeze a document as a version; the same document again is the same version.

    ``declared``: a verdict on each edit since the last version that needs one, by key, kept with
    the version for good. None = nobody was asked: the series breaks at every such edit.
    Raises Invalid with every mistake of the document, or with every edit that has no verdict.
    """
    found = compare_with_published(session, source)
    if found.version:
        return Publication(found.version, is_new=False)
    if declared is None:
        declared = {matter.key: Declaration(Verdict.BREAK) for matter in found.open_matters}
    declared = check_declarations(found.matters, declared)
    questionnaire = found.questionnaire
    version = QuestionnaireVersion(
        code=questionnaire.code,
        number=found.base.number + 1 if found.base else 1,
        title=str(questionnaire.title),
        document=_canonical(source),
        source=source,
        fingerprint=fingerprint(questionnaire),
        codebook=json.dumps(build_codebook(questionnaire).to_document(), ensure_ascii=False),
        declared=dump_declarations(declared),
        published_at=now,
        published_by=account_id,
    )
    session.add(version)
    session.flush()
    return Publication(version, is_new=True)


def publication_facts(version: QuestionnaireVersion) -> dict[str, object]:
    """What the audit record says of a publication: the fingerprint, and what was declared on
    edits, by the code that was edited."""
    told: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
    for key, found in load_declarations(version.declared).items():
        code = key.split(":")[1]
        told[found.verdict].append(f"{code}: {found.reason}" if found.reason else code)
    lists = {"comparable": told[Verdict.COMPARABLE], "broken": told[Verdict.BREAK]}
    return {"fingerprint": version.fingerprint, **{name: by for name, by in lists.items() if by}}


@lru_cache(MOST_SOURCES)
def _parse(source: str) -> Questionnaire:
    return parse_questionnaire(source)


@lru_cache(MOST_SOURCES)
def _canonical(source: str) -> str:
    return dump_questionnaire(_parse(source))


def list_versions(session: Session) -> Sequence[QuestionnaireVersion]:
    """Published versions, the newest of each questionnaire first."""
    return queries.list_versions(session)


def version_by_id(session: Session, version_id: int) -> QuestionnaireVersion:
    """Raises NotFound."""
    version = session.get(QuestionnaireVersion, version_id)
    if version is None:
        raise NotFound("Không có phiên bản bộ câu hỏi này.")
    return version


def load_questionnaire(version: QuestionnaireVersion) -> Questionnaire:
    """The typed questionnaire of a version (parsed once, then kept: a version never changes)."""
    return _load(version)[0]


def load_codebook(version: QuestionnaireVersion) -> Codebook:
    """The coded columns of a version."""
    return _load(version)[1]


def _load(version: QuestionnaireVersion) -> tuple[Questionnaire, Codebook]:
    key = (version.code, version.fingerprint)
    found = _loaded.get(key)
    if found is None:
        with _loading:  # a server that has just started is asked by all at once
            found = _loaded.get(key) or _read(version)
            if len(_loaded) >= MOST_LOADED:
                _loaded.clear()
            _loaded[key] = found
    return found


def _read(version: QuestionnaireVersion) -> tuple[Questionnaire, Codebook]:
    questionnaire = parse_questionnaire(version.document)  # only now is the document fetched
    return questionnaire, build_codebook(questionnaire)


_loading = threading.Lock()
_loaded: dict[tuple[str, str], tuple[Questionnaire, Codebook]] = {}

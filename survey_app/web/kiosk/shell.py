"""The kiosk's page as one device shows it: made once, told apart by the digest of its content.

It holds questions and settings, never an answer, and no cookie changes it.
"""

import base64
import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app, g, render_template, request, url_for
from markupsafe import Markup

from survey_app.clock import now
from survey_app.errors import Closed
from survey_app.i18n import frame_language, language_name, translate
from survey_app.operations.fieldwork.devices import PIN_ITERATIONS, Device
from survey_app.operations.fieldwork.links import require_open_link
from survey_app.operations.fieldwork.surveys import require_open_survey
from survey_app.operations.fieldwork.ways import Way, offered_questionnaire, require_way
from survey_app.operations.questionnaires.recordings import recordings_of
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE, Questionnaire
from survey_app.storage.database import Session
from survey_app.web.answer_form import build_page, phrase
from survey_app.web.fonts import FONTS
from survey_app.web.site import privacy_address
from survey_app.web.templating import asset

MOST_SHELLS = 256
USUAL_DISPLAY = {"size": "normal", "contrast": "normal"}

#: Files the page names with a mark of their content, and modules that other modules import.
MARKED = ("css/base.css", "css/citizen.css", "css/kiosk.css", "icon.svg", "js/kiosk/main.js")
SHARED_MODULES = ("js/checks.js", "js/pages.js", "js/routing.js")
WORKER = "js/kiosk/worker.js"
NOT_IMPORTED = frozenset({"main.js", "worker.js"})


#: (question code, language) → digest of a recording.
Recordings = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class File:
    """A file the kiosk keeps. ``integrity``: "sha256-…", as browsers check it, or empty."""

    address: str
    integrity: str


@dataclass(frozen=True)
class Shell:
    """The page, and all that a device needs to show it without network."""

    html: bytes
    digest: str
    files: tuple[File, ...]


class Shells:
    """The shells of one application, by everything that they show."""

    def __init__(self) -> None:
        self._shells: dict[Hashable, Shell] = {}

    def of(self, device: Device, recordings: Recordings) -> Shell:
        """The shell of a device as it is set now."""
        spoken = tuple(sorted(recordings.items()))
        files = _static_files(_static_folder())
        key = (*_shown(device), spoken, files, request.script_root)
        shell = self._shells.get(key)
        if shell is None:
            if len(self._shells) >= MOST_SHELLS:
                self._shells.clear()
            shell = self._shells[key] = _make(device, recordings)
        return shell


def shell_of(session: Session, device: Device) -> Shell:
    """The page of a device, with what was recorded of its questionnaire."""
    shells: Shells = current_app.extensions["hailong.kiosk_shells"]
    return shells.of(device, recordings_of(session, device.collection_point.survey.version.id))


def is_open(device: Device) -> bool:
    """Whether sheets are taken where the device stands."""
    point = device.collection_point
    try:
        require_open_survey(point.survey, now())
        require_open_link(point.is_active, None, now())
        require_way(point.survey, Way.KIOSK)
    except Closed:
        return False
    return True


def is_paused(device: Device) -> bool:
    """Whether the survey will take sheets again here, but not now."""
    return device.collection_point.survey.paused_at is not None


def worker_script(shell: Shell) -> str:
    """The service worker that keeps this shell; it differs whenever anything of it does."""
    described = {
        "digest": shell.digest,
        "page": url_for("kiosk.shell"),
        "files": [{"address": f.address, "integrity": f.integrity} for f in shell.files],
    }
    source = (_static_folder() / WORKER).read_text(encoding="utf-8")
    return f"const SHELL = {json.dumps(described, indent=1)};\n{source}"


def programme_version() -> str:
    """A mark of the files the page is made of, such as "5f3a9c1b"."""
    together = "".join(integrity for _, integrity in _static_files(_static_folder()))
    return hashlib.sha256(together.encode()).hexdigest()[:8]


def _shown(device: Device) -> tuple[Hashable, ...]:
    point = device.collection_point
    survey = point.survey
    behaviour = (device.idle_seconds, device.keeps_partial, device.pin_salt, device.pin_hash)
    period = (survey.starts_on, survey.ends_on, is_open(device), is_paused(device))
    place = (point.token, point.label, point.unit.name, device.label)
    version = (survey.version.fingerprint, survey.version.name)
    return (*version, survey.languages, survey.title, survey.is_demo, *place, *period, *behaviour)


def _make(device: Device, recordings: Recordings) -> Shell:
    questionnaire = offered_questionnaire(device.collection_point.survey)
    html = _render(device, questionnaire, recordings).encode()
    page = File(url_for("kiosk.shell"), _integrity(html))
    spoken = (File(_recording(digest), "") for digest in sorted({*recordings.values()}))
    files = (page, *_files(), *spoken)
    described = json.dumps([[file.address, file.integrity] for file in files])
    return Shell(html, hashlib.sha256(described.encode()).hexdigest()[:20], files)


def _render(device: Device, questionnaire: Questionnaire, recordings: Recordings) -> str:
    languages = questionnaire.languages
    sittings = [(code, _sitting(device, questionnaire, code, recordings)) for code in languages]
    g.language = PRIMARY_LANGUAGE
    point = device.collection_point
    return render_template(
        "kiosk/shell.html",
        survey=point.survey,
        unit=point.unit,
        point=point,
        device=device,
        languages=[
            (code, language_name(code), translate("Chạm để bắt đầu", frame_language(code)))
            for code in languages
        ],
        frames=list(dict.fromkeys(map(frame_language, languages))),
        sittings=sittings,
        translate=translate,
        display=USUAL_DISPLAY,
        setting=json.dumps(_setting(device, questionnaire, languages), ensure_ascii=False),
        programme=programme_version(),
    )


def _sitting(
    device: Device, questionnaire: Questionnaire, language: str, recordings: Recordings
) -> Markup:
    g.language = frame_language(language)
    spoken = {
        question: _recording(digest)
        for (question, spoken_language), digest in sorted(recordings.items())
        if spoken_language == language
    }
    html = render_template(
        "kiosk/sitting.html",
        page=build_page(questionnaire, language),
        language=g.language,
        recordings=json.dumps(spoken),
        survey=device.collection_point.survey,
        unit=device.collection_point.unit,
        thanks=phrase(questionnaire.thanks, language) if questionnaire.thanks else None,
        privacy_address=privacy_address(),
    )
    return Markup(html)  # noqa: S704  (a template of our own, escaped where it was rendered)


def _recording(digest: str) -> str:
    return url_for("recordings.recording", digest=digest)


def _setting(
    device: Device, questionnaire: Questionnaire, languages: Iterable[str]
) -> dict[str, Any]:
    """What the page's script has to know of the device."""
    point = device.collection_point
    rating = questionnaire.main_rating
    return {
        "link": point.token,
        "version": point.survey.version.name,
        "languages": list(languages),
        "startsOn": point.survey.starts_on.isoformat(),
        "endsOn": point.survey.ends_on.isoformat(),
        "isOpen": is_open(device),
        "isPaused": is_paused(device),
        "idleSeconds": device.idle_seconds,
        "keepsPartial": device.keeps_partial,
        "mainRating": rating.code if rating else None,
        "programme": programme_version(),
        "pin": {
            "salt": base64.b64encode(device.pin_salt).decode(),
            "hash": base64.b64encode(device.pin_hash).decode(),
            "iterations": PIN_ITERATIONS,
        },
        "addresses": {
            name: url_for(f"kiosk.{endpoint}")
            for name, endpoint in {
                "shell": "shell",
                "worker": "worker",
                "sheets": "take_sheets",
                "code": "check_code",
                "report": "report",
                "leave": "leave",
                "enrol": "enrolment",
            }.items()
        },
    }


def _files() -> list[File]:
    """Everything the page loads, but itself."""
    marks = dict(_static_files(_static_folder()))
    named = [File(asset(name), marks[name]) for name in MARKED]
    imported = [
        File(url_for("static", filename=name), mark)
        for name, mark in marks.items()
        if name not in MARKED
    ]
    fonts = [File(url_for("fonts.font", name=name), "") for name in FONTS]
    return [*named, *imported, *fonts]


def _static_folder() -> Path:
    return Path(current_app.static_folder or "")


def _static_files(folder: Path) -> tuple[tuple[str, str], ...]:
    """The kiosk's static files with the digest of each, by name."""
    modules = (path.relative_to(folder) for path in (folder / "js/kiosk").glob("*.js"))
    own = [module.as_posix() for module in modules if module.name not in NOT_IMPORTED]
    names = sorted({*MARKED, *SHARED_MODULES, *own})
    return tuple((name, _digest(folder / name, (folder / name).stat().st_mtime)) for name in names)


@lru_cache(maxsize=256)
def _digest(path: Path, _modified: float) -> str:
    return _integrity(path.read_bytes())


def _integrity(data: bytes) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(data).digest()).decode()}"

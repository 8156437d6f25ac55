"""The guides for whoever is signed in, and which of them fits a page."""

from flask import Response, abort, render_template, request

from survey_app.web.help import blueprint
from survey_app.web.help.guides import (
    MEDIA_TYPES,
    Guide,
    find_guide,
    find_picture,
    list_guides,
    search_guides,
)

LONGEST_SEARCH = 100
#: Section of the menu → the guide of its pages.
GUIDE_OF_SECTION = {
    "admin": "bat-dau",
    "results": "phuong-phap",
    "counter": "phieu-moi",
    "files": "phuong-phap",
    "surveys": "khao-sat",
    "questionnaires": "bo-cau-hoi",
    "units": "don-vi",
    "accounts": "tai-khoan",
    "audit": "nhat-ky",
}
#: Pages that are about something narrower than their section.
GUIDE_OF_PAGE = {
    "admin.questionnaire": "phien-ban",
    "admin.questionnaire_changes": "phien-ban",
    "admin.proposals": "phien-ban",
    "admin.proposal": "phien-ban",
    "admin.publish_draft": "phien-ban",
    "admin.publish_questionnaire": "phien-ban",
    "admin.import_xlsform": "trao-doi-du-lieu",
    "admin.xlsform": "trao-doi-du-lieu",
    "officer.dataset": "trao-doi-du-lieu",
    "officer.contacts": "du-lieu-ca-nhan",
    "officer.contact": "du-lieu-ca-nhan",
    "admin.devices": "kiosk",
    "admin.device": "kiosk",
    "admin.kiosk_sheets": "kiosk",
    "admin.paper": "nhap-phieu-giay",
    "admin.paper_entry": "nhap-phieu-giay",
    "admin.second_entry": "nhap-phieu-giay",
    "admin.second_keying": "nhap-phieu-giay",
}


@blueprint.app_template_global()
def guide_of_page(section: str) -> Guide | None:
    """The guide that fits this page, which stands in a section of the menu."""
    name = GUIDE_OF_PAGE.get(request.endpoint or "") or GUIDE_OF_SECTION.get(section.strip(), "")
    return find_guide(name)


@blueprint.get("/")
def home() -> str:
    """The list of guides, or the sections that hold what is looked for."""
    wanted = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    return render_template(
        "help/home.html", groups=list_guides(), wanted=wanted, found=search_guides(wanted)
    )


@blueprint.get("/<name>")
def guide(name: str) -> str:
    found = find_guide(name) or abort(404)
    return render_template("help/guide.html", guide=found)


@blueprint.get("/pictures/<name>")
def picture(name: str) -> Response:
    path = find_picture(name) or abort(404)
    return Response(path.read_bytes(), mimetype=MEDIA_TYPES[path.suffix])

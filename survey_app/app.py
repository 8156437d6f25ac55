"""create_app: the one place where everything is joined."""

from datetime import timedelta

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from survey_app.config import Settings
from survey_app.storage.database import Database
from survey_app.web.admin import blueprint as admin
from survey_app.web.api import blueprint as api
from survey_app.web.api.express import SheetLane
from survey_app.web.audit import init_audit
from survey_app.web.auth import blueprint as auth
from survey_app.web.auth.provider_views import hear_logout
from survey_app.web.bodies import init_bodies
from survey_app.web.citizen import blueprint as citizen
from survey_app.web.citizen.express_form import FormLane
from survey_app.web.citizen.express_page import PageLane
from survey_app.web.errors import init_errors
from survey_app.web.express import Express, Lane
from survey_app.web.fonts import blueprint as fonts
from survey_app.web.guard import init_guard
from survey_app.web.headers import init_headers, standing_headers
from survey_app.web.help import blueprint as help_pages
from survey_app.web.identifiers import init_identifiers
from survey_app.web.kiosk import blueprint as kiosk
from survey_app.web.kiosk.intake_views import JSON_VIEWS as KIOSK_JSON_VIEWS
from survey_app.web.limits import init_limits
from survey_app.web.offers import init_offers
from survey_app.web.officer import blueprint as officer
from survey_app.web.proof import init_proof
from survey_app.web.provider import init_provider
from survey_app.web.reception import Reception
from survey_app.web.recordings import blueprint as recordings
from survey_app.web.templating import init_templating
from survey_app.web.transactions import init_transactions

LARGEST_UPLOAD = 6 * 1024 * 1024


def create_app(settings: Settings | None = None, database: Database | None = None) -> Flask:
    """The WSGI application; settings come from the environment unless given."""
    settings = settings or Settings.from_environment()
    app = Flask("survey_app", template_folder="web/templates", static_folder="web/static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SETTINGS=settings,
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        MAX_FORM_MEMORY_SIZE=LARGEST_UPLOAD,
        SESSION_COOKIE_NAME="hailong_form",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        WTF_CSRF_TIME_LIMIT=None,
    )
    if settings.trust_proxy:
        hops = settings.trust_proxy
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    init_identifiers(app)
    init_bodies(app)
    init_headers(app)
    init_transactions(app, database or Database(settings.database_url))
    init_errors(app)
    init_guard(app)
    init_offers(app)
    init_audit(app)
    init_templating(app)
    init_limits(app)
    init_proof(app)
    init_provider(app)
    protection = CSRFProtect(app)
    # Neither rests on a cookie: the sheet carries its own id, and storing it twice is harmless.
    for open_door in (api, citizen):
        protection.exempt(open_door)
    for view in (*KIOSK_JSON_VIEWS, hear_logout):
        protection.exempt(view)
    for blueprint in (api, fonts, recordings, citizen, kiosk, auth, help_pages, officer, admin):
        app.register_blueprint(blueprint)
    add_express(app)
    return app


def add_express(app: Flask) -> None:
    """Put the lanes before Flask."""
    intake, limits = app.extensions["hailong.intake"], app.extensions["hailong.limits"]
    reception = Reception(intake, limits, app.extensions["hailong.proof"])
    headers, is_secure = standing_headers(app), app.config["SESSION_COOKIE_SECURE"]
    pages = PageLane(intake)
    lanes: dict[str, Lane] = {
        "GET": pages,
        "POST": FormLane(reception, headers, is_secure=is_secure),
        "PUT": SheetLane(reception, headers),
    }
    long_way = pages.learning(app.wsgi_app)
    app.wsgi_app = Express(long_way, lanes, largest_body=LARGEST_UPLOAD)  # type: ignore[method-assign]

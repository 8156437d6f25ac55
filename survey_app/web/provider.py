"""The provider of another house, if one is set: for signing in there, and for linking accounts."""

from flask import Flask, abort, current_app

from survey_app.config import PasswordUse
from survey_app.identity_provider import IdentityProvider

_KEY = "hailong.provider"


def init_provider(app: Flask) -> None:
    """Make the one that the settings name; nothing is asked of it yet."""
    settings = app.config["SETTINGS"].provider
    app.extensions[_KEY] = IdentityProvider(settings) if settings else None
    app.jinja_env.globals["provider_name"] = settings.name if settings else ""


def set_provider() -> IdentityProvider | None:
    """The provider, None = staff sign in by password only."""
    found: IdentityProvider | None = current_app.extensions[_KEY]
    return found


def provider() -> IdentityProvider:
    """The provider; where none is set, there is no such page."""
    found = set_provider()
    if found is None:
        abort(404)
    return found


def passwords_are_for_administrators() -> bool:
    """Whether all others sign in at the provider."""
    found = set_provider()
    return found is not None and found.settings.passwords is PasswordUse.ADMINISTRATORS

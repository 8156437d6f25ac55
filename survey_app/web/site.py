"""The address by which phones reach us."""

from flask import current_app, request


def site_address() -> str:
    """The setting, or the address of this request."""
    return current_app.config["SETTINGS"].public_url or request.url_root.rstrip("/")

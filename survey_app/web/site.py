"""The address by which phones reach us."""

from urllib.parse import urlsplit

from flask import current_app, request


def site_address() -> str:
    """The setting, or the address of this request."""
    return current_app.config["SETTINGS"].public_url or request.url_root.rstrip("/")


def privacy_address() -> str:
    """Where to read about data on another device, to be read, not followed; "" = not known."""
    public = current_app.config["SETTINGS"].public_url
    return f"{urlsplit(public).netloc}/quyen-rieng-tu" if public else ""

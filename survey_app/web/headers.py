"""Security headers on every answer: no inline script or style, no framing, no sniffing."""

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "media-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # same-origin: the form checks below need the Origin, other sites learn nothing
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def standing_headers(app: Flask) -> tuple[tuple[str, str], ...]:
    """What every answer carries; a static file says itself how long it may be kept."""
    standing = [*HEADERS.items(), ("Cache-Control", "no-store")]
    if app.config["SESSION_COOKIE_SECURE"]:
        standing.append(("Strict-Transport-Security", "max-age=31536000"))
    return tuple(standing)


def init_headers(app: Flask) -> None:
    """Add the headers; pages (not static files) are never kept by a shared computer."""

    standing = standing_headers(app)

    @app.after_request
    def add(response: Response) -> Response:
        if request.endpoint == "static" and "v" not in request.args:
            # A module that another one imports has no mark of its content: ask each time.
            response.headers["Cache-Control"] = "no-cache"
        for name, value in standing:
            response.headers.setdefault(name, value)
        return response

"""Report → HTML fragment for an officer's page; the page links ``css/report.css``."""

from markupsafe import Markup

from survey_app.reporting import charts
from survey_app.reporting.rendering import markup
from survey_app.reporting.report import Report


def render_fragment(report: Report, *, heading_level: int = 2) -> Markup:
    """The whole report as one ``<article>``: no script, no inline style.

    ``heading_level`` (1..5) is the level of the report's title; chapters are one below.
    """
    text = markup.render("dashboard.html", report, charts.svg, charts.swatch, level=heading_level)
    return Markup(text)  # noqa: S704  (made by autoescaping templates)

"""hailong sample-size: how many answers a unit needs."""

import click

from survey_app.i18n import format_number
from survey_app.sampling.size import expected_margin, required_size

SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)


@click.command()
@click.option("--population", type=click.IntRange(1), help="Số hồ sơ trong kỳ (bỏ trống: chưa rõ).")
@click.option("--margin", default=0.05, show_default=True, type=SHARE, help="Sai số ±, ví dụ 0.05.")
@click.option("--share", default=0.5, show_default=True, type=SHARE, help="Tỷ lệ hài lòng dự kiến.")
@click.option("--deff", default=1.0, show_default=True, type=click.FloatRange(0.1, 100))
@click.option(
    "--response-rate",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True),
    help="Tỷ lệ phiếu thu về dự kiến.",
)
@click.option("--confidence", default=0.95, show_default=True, type=SHARE)
def sample_size(
    population: int | None,
    margin: float,
    share: float,
    deff: float,
    response_rate: float,
    confidence: float,
) -> None:
    """Số phiếu cần có của một đơn vị (Cochran, hiệu chỉnh tổng thể hữu hạn)."""
    options = {"share": share, "design_effect": deff, "confidence": confidence}
    size = required_size(margin, population=population, response_rate=response_rate, **options)
    click.echo(f"Số phiếu hợp lệ cần có: {size.n}")
    click.echo(f"Số phiếu cần phát:      {size.issued}")
    if size.ministry is not None:
        click.echo(f"Công thức n = N/(1 + N·e²) của hướng dẫn năm 2013: {size.ministry}")
    reached = expected_margin(size.n, population=population, **options)
    points = format_number(100 * reached, 2)
    click.echo(f"Sai số với số phiếu đó: ±{points} điểm phần trăm")
    if not size.is_reachable:
        click.echo("Với tỷ lệ thu về này, toàn bộ hồ sơ cũng không đủ số phiếu cần có.", err=True)

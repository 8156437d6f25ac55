"""hailong sample: draw from a list of dossiers, keep the draw, check it again."""

from datetime import datetime
from pathlib import Path

import click

from survey_app.cli.database import reading, transaction
from survey_app.clock import local_date, now
from survey_app.errors import Conflict, Invalid
from survey_app.operations.fieldwork.dossier_list import read_dossiers
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.organisation.units import find_unit
from survey_app.operations.samples.drawn_list import describe_draw, render_draw
from survey_app.operations.samples.draws import (
    erase_identifiers,
    find_draw_by_id,
    make_draw,
    verify_draw,
)
from survey_app.operations.samples.planning import Allocation, SampleMethod, SampleWish, plan_draw
from survey_app.reporting import formats
from survey_app.reporting.fieldwork.drawn_list import DrawnList, size_words
from survey_app.sampling.frame import Frame

LIST = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
SHARE = click.FloatRange(0, 1, min_open=True)


@click.group()
def sample() -> None:
    """Chọn mẫu hồ sơ."""


@sample.command("draw")
@LIST
@click.option("--survey", "survey_code", required=True, help="Mã cuộc khảo sát.")
@click.option("--unit", "unit_code", required=True, help="Mã đơn vị.")
@click.option("--n", type=click.IntRange(1), help="Số hồ sơ cần chọn (bỏ trống: theo mục tiêu).")
@click.option("--margin", type=SHARE, help="Sai số ±, ví dụ 0.05 (bỏ trống: theo cuộc khảo sát).")
@click.option("--response-rate", type=SHARE, help="Tỷ lệ phiếu thu về dự kiến.")
@click.option(
    "--method",
    type=click.Choice([method.value for method in SampleMethod]),
    default=SampleMethod.SIMPLE.value,
    show_default=True,
)
@click.option(
    "--allocation",
    type=click.Choice([allocation.value for allocation in Allocation]),
    default=Allocation.PROPORTIONAL.value,
    show_default=True,
    help="Cách phân bổ cho các tầng của danh sách.",
)
@click.option("--seed", type=click.IntRange(0), help="Hạt giống (bỏ trống: lấy ngẫu nhiên).")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Ngày của danh sách (bỏ trống: hôm nay)."
)
@click.option("--reason", default="", help="Lý do chọn lại, khi đơn vị đã có danh sách được chọn.")
@click.option("--set-population", is_flag=True, help="Ghi số hồ sơ trong kỳ nếu chưa rõ.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def draw(
    file: Path,
    survey_code: str,
    unit_code: str,
    n: int | None,
    margin: float | None,
    response_rate: float | None,
    method: str,
    allocation: str,
    seed: int | None,
    as_of: datetime | None,
    reason: str,
    set_population: bool,
    out: Path,
) -> None:
    """Chọn ngẫu nhiên hồ sơ để phát phiếu; lần chọn được giữ lại, không sửa được."""
    if n is not None and margin is not None:
        raise Invalid("Chỉ ghi một trong hai: --n hoặc --margin.")
    day = as_of.date() if as_of else local_date(now())
    frame = read_dossiers(file.read_bytes(), file.name, as_of=day)
    wish = SampleWish(
        method=SampleMethod(method),
        allocation=Allocation(allocation),
        n=n,
        margin=margin,
        response_rate=response_rate,
        seed=seed,
        reason=reason,
    )
    made = _draw(frame, wish, survey_code, unit_code, sets_population=set_population, out=out)
    click.echo(f"{out}: đã chọn {formats.count(made.n)}/{formats.count(made.population)} hồ sơ.")
    click.echo(f"Mã lần chọn: {made.draw_id}. Hạt giống: {made.seed}.")
    click.echo(f"Mã kiểm tra của danh sách: {made.fingerprint}")
    click.echo(size_words(made))


def _draw(
    frame: Frame,
    wish: SampleWish,
    survey_code: str,
    unit_code: str,
    *,
    sets_population: bool,
    out: Path,
) -> DrawnList:
    """Draw, keep the draw and write its list."""
    with transaction() as session:
        survey = find_survey(session, survey_code)
        unit = find_unit(session, unit_code)
        plan = plan_draw(survey, frame, wish)
        made = make_draw(session, survey, unit.id, plan, now=now(), sets_population=sets_population)
        described = describe_draw(session, made)
        # Before the end of the transaction: without a file there is no draw.
        out.write_bytes(render_draw(described).data)
    return described


@sample.command("verify")
@LIST
@click.option("--draw", "draw_id", required=True, type=click.IntRange(1), help="Mã lần chọn.")
def verify(file: Path, draw_id: int) -> None:
    """Đối chiếu: đúng danh sách đã dùng không, hạt giống có chọn lại đúng hồ sơ không."""
    with reading() as session:
        found = find_draw_by_id(session, draw_id)
        frame = read_dossiers(file.read_bytes(), file.name, as_of=found.as_of)
        outcome = verify_draw(session, found, frame)
    if not outcome.is_same_list:
        raise Conflict(
            f"Danh sách không khớp: tệp có {formats.count(outcome.listed)} hồ sơ, "
            f"danh sách đã dùng có {formats.count(found.population)}."
        )
    if outcome.is_same_draw is False:
        raise Conflict("Danh sách khớp, nhưng hạt giống chọn ra các hồ sơ khác với đã lưu.")
    if outcome.is_same_draw is None:
        click.echo("Danh sách khớp; mã hồ sơ được chọn đã xóa nên không đối chiếu từng hồ sơ.")
    else:
        click.echo(f"Danh sách khớp; hạt giống {found.seed} chọn lại đúng {found.n} hồ sơ.")


@sample.command("erase")
@click.option("--survey", "survey_code", required=True, help="Mã cuộc khảo sát đã đóng.")
def erase(survey_code: str) -> None:
    """Xóa vĩnh viễn mã hồ sơ khỏi các danh sách được chọn của một cuộc khảo sát đã đóng."""
    with transaction() as session:
        count = erase_identifiers(session, find_survey(session, survey_code), now=now())
    click.echo(f"Đã xóa {formats.count(count)} mã hồ sơ.")

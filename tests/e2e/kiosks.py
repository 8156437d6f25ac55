"""A kiosk for browser tests: a device at a collection point, its page, and what it keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from survey_app.operations.devices import add_device, set_device
from survey_app.operations.fieldwork import add_collection_point
from survey_app.storage.database import Database
from survey_app.storage.models import Mode, SurveyResponse
from tests.factories import NOW, make_one_time_link, make_survey, make_unit

NewPage = Callable[..., Page]
PORTRAIT = {"width": 1080, "height": 1920}
LANDSCAPE = {"width": 1920, "height": 1080}
SMALL = {"width": 1024, "height": 600}
PIN = "2580"


@dataclass(frozen=True)
class Kiosk:
    """What stands in the database for it: the code to enrol with, a slip's code."""

    code: str
    device_id: int
    point_id: int
    survey_id: int
    slip: str


def make_kiosk(
    database: Database,
    *,
    document: str = "one-stop-rating.yaml",
    source: str | None = None,
    keeps_partial: bool = False,
    idle_seconds: int = 60,
) -> Kiosk:
    with database.transaction() as session:
        unit = make_unit(session, name="Phường Trấn Biên")
        survey = make_survey(session, [unit], document=document, source=source)
        point = add_collection_point(session, survey, unit.id, label="Quầy số 1", mode=Mode.KIOSK)
        device, code = add_device(session, point, label="Máy số 1", pin=PIN, now=NOW)
        set_device(
            session,
            device,
            label=device.label,
            idle_seconds=idle_seconds,
            keeps_partial=keeps_partial,
            now=NOW,
        )
        slip = make_one_time_link(session, point)
        return Kiosk(code, device.id, point.id, survey.id, slip)


def enrol(page: Page, kiosk: Kiosk) -> None:
    """Enter the code and wait until the kiosk can do without network."""
    page.goto("/k")
    page.get_by_label("Mã cài đặt").fill(kiosk.code)
    page.get_by_role("button", name="Cài đặt").click()
    wait_until_offline_works(page)


def wait_until_offline_works(page: Page) -> None:
    expect(page.locator("html[data-offline=ready]")).to_be_attached()


def stored(database: Database) -> list[SurveyResponse]:
    with database.session() as session:
        return list(session.scalars(select(SurveyResponse)))


def begin(page: Page, language: str = "Tiếng Việt") -> None:
    page.get_by_role("button", name=language).click()
    page.get_by_role("link", name={"Tiếng Việt": "Bắt đầu", "English": "Start"}[language]).click()


READ_STORES = """async () => {
  const names = (await indexedDB.databases()).map(({ name }) => name);
  const open = (name) => new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const found = {};
  for (const name of names) {
    const database = await open(name);
    for (const store of database.objectStoreNames) {
      const request = database.transaction(store).objectStore(store).getAll();
      found[store] = await new Promise((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
    }
    database.close();
  }
  return found;
}"""


def queue_of(page: Page) -> dict[str, list[Any]]:
    """Everything in IndexedDB, by store."""
    found: dict[str, list[Any]] = page.evaluate(READ_STORES)
    return found


def go_offline(context: BrowserContext) -> None:
    context.set_offline(True)

"""A kiosk for browser tests: a device at a collection point, its page, and what it keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, ViewportSize, expect
from sqlalchemy import select

from survey_app.operations.fieldwork.collection_points import add_collection_point
from survey_app.operations.fieldwork.devices import add_device, set_device
from survey_app.storage.database import Database
from survey_app.storage.models import Mode, SurveyResponse
from tests.factories import NOW, make_one_time_link, make_survey, make_unit

NewPage = Callable[..., Page]
PORTRAIT: ViewportSize = {"width": 1080, "height": 1920}
LANDSCAPE: ViewportSize = {"width": 1920, "height": 1080}
SMALL: ViewportSize = {"width": 1024, "height": 600}
TABLET: ViewportSize = {"width": 800, "height": 1280}
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
    page.locator(".introduction .button-start").click()


#: The queue as the page itself comes to it: in its bucket, not while that is being renewed.
IN_QUEUE = """async (work) => navigator.locks.request("hailong-kiosk-queue", { mode: "shared" },
  async () => {
    const options = { durability: "strict", persisted: true };
    window.held = await navigator.storageBuckets.open("hailong-kiosk", options);
    return work(window.held.indexedDB);
  })"""
READ_STORES = (
    f"() => ({IN_QUEUE})("
    + """async (indexedDB) => {
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
})"""
)


PUT = (
    f"(sheets) => ({IN_QUEUE})("
    + """(indexedDB) => new Promise((resolve, reject) => {
  const request = indexedDB.open("hailong-kiosk");
  request.onsuccess = () => {
    const transaction = request.result.transaction("waiting", "readwrite");
    for (const sheet of sheets) transaction.objectStore("waiting").put(sheet);
    transaction.oncomplete = () => { request.result.close(); resolve(); };
    transaction.onabort = () => reject(transaction.error);
  };
}))"""
)


def queue_of(page: Page) -> dict[str, list[Any]]:
    """Everything in IndexedDB, by store."""
    found: dict[str, list[Any]] = page.evaluate(READ_STORES)
    return found


def answer_and_send(page: Page, face: str = "Hài lòng") -> None:
    """The rating at the counter, from its first question to the button that sends."""
    go_to(page, "service.overall")
    page.locator(".is-shown").get_by_text(face, exact=True).click()
    finish(page)
    page.locator(".is-shown .button-send").click()


def go_to(page: Page, code: str) -> None:
    """On to a question, leaving out what may be left out before it."""
    while page.locator(".is-shown").get_attribute("data-question") != code:
        page.locator(".is-shown [data-next]").click()


def finish(page: Page) -> None:
    while page.locator(".is-shown").get_attribute("id") != "gui":
        close_keyboard(page)
        page.locator(".is-shown [data-next]").click()


def close_keyboard(page: Page) -> None:
    done = page.locator(".keyboard:visible [data-panel]:visible [data-act=done]")
    if done.count() and not page.locator(".is-shown [data-next]").is_visible():
        done.click()


def open_corner(page: Page, pin: str = PIN) -> None:
    """By the keyboard; the long press has a test of its own."""
    page.get_by_role("button", name="Góc cán bộ").press("Enter")
    for digit in pin:
        page.locator(f"[data-digit='{digit}']").click()
    page.get_by_role("button", name="Mở", exact=True).click()
    expect(page.locator(".clerk-room")).to_be_visible()

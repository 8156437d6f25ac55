"""The proof of work in a real browser: the digest, the worker, and the page without one."""

import hashlib
from collections.abc import Iterator
from random import Random
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Page, expect

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.storage.database import Database
from tests.e2e.test_citizen import Links, NewPage, count, links
from tests.e2e.test_one_sheet import COMMENT, answer_comment, expect_thanks, send
from tests.factories import NOW

__all__ = ["links"]
CALM = 2


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """The application, asking for proofs above two sheets a minute."""
    return create_app(Settings(**{**vars(settings), "calm_rate": CALM}), database)


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def press(app: Flask, address: str, sheets: int) -> None:
    body = {"link": address, "answers": {"overall.satisfaction": "5"}}
    for _ in range(sheets):
        assert app.test_client().put(f"/api/v1/responses/{uuid4()}", json=body).status_code == 201


def challenges(page: Page) -> list[str]:
    """The challenges that the page is given from now on."""
    given: list[str] = []
    page.on(
        "response",
        lambda reply: (
            given.append(reply.headers["proof-challenge"])
            if "proof-challenge" in reply.headers
            else None
        ),
    )
    return given


def test_the_digest_is_sha_256(new_page: NewPage) -> None:
    random = Random(256)
    texts = [
        "",
        "abc",
        "x" * 55,
        *("".join(random.choices("0123456789abcdef.", k=n)) for n in range(56)),
    ]
    page = new_page()
    page.goto("/")
    found = page.evaluate(
        """async (texts) => {
            const { digest } = await import("/static/js/proof.js");
            return texts.map((text) => digest(text).map((word) => word >>> 0));
        }""",
        texts,
    )
    expected = [hashlib.sha256(text.encode()).digest() for text in texts]
    assert [b"".join(w.to_bytes(4, "big") for w in words) for words in found] == expected


@pytest.mark.parametrize("has_worker", [True, False], ids=["worker", "page"])
def test_the_browser_does_the_work_and_the_sheet_is_stored(
    new_page: NewPage, app: Flask, links: Links, database: Database, has_worker: bool
) -> None:
    page = new_page()
    if not has_worker:
        page.add_init_script("delete window.Worker")
    workers: list[str] = []
    page.on("worker", lambda worker: workers.append(worker.url))
    given = challenges(page)
    answer_comment(page, links.full)
    press(app, links.full, CALM)
    send(page)
    expect_thanks(page)
    assert len(given) == 1
    assert bool(workers) is has_worker
    assert count(database) == CALM + 1


def test_a_calm_link_asks_for_nothing(new_page: NewPage, app: Flask, links: Links) -> None:
    page = new_page()
    given = challenges(page)
    answer_comment(page, links.full)
    press(app, links.full, CALM - 1)
    send(page)
    expect_thanks(page)
    assert given == []


def test_without_script_the_answers_wait_on_the_page(
    new_page: NewPage, app: Flask, links: Links, database: Database
) -> None:
    page = new_page(java_script_enabled=False)
    answer_comment(page, links.full)
    press(app, links.full, CALM)
    send(page)
    expect(page.get_by_text("Vui lòng gửi lại sau ít phút")).to_be_visible()
    with time_machine.travel(NOW.replace(minute=NOW.minute + 5), tick=True):
        page.goto(f"{page.url}#q-comment")
        expect(page.get_by_role("textbox")).to_have_value(COMMENT)
        page.goto(f"{page.url.partition('#')[0]}#gui")
        send(page)
        expect_thanks(page)
    assert count(database) == CALM + 1

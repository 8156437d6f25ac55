"""What the tests of signing in at a provider share: the provider, accounts, one that is linked."""

from collections.abc import Iterator

import pytest
from flask import Flask

from survey_app.config import Settings
from survey_app.operations.access.rights import AccountRole
from survey_app.storage.database import Database
from tests.factories import make_account, make_unit
from tests.identity_provider import Provider, running, with_provider
from tests.integration.access.provider.visits import come, link, reference_on


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    return with_provider(settings, provider)


@pytest.fixture
def accounts(database: Database) -> None:
    """An administrator, and the officer "binh"."""
    with database.transaction() as session:
        make_account(session)
        make_account(session, "binh", AccountRole.OFFICER, make_unit(session))


@pytest.fixture
def linked(app: Flask, database: Database, accounts: None) -> None:
    """The officer "binh" is linked with the person whom the provider vouches for."""
    assert link(app, database, reference_on(come(app.test_client()))).status_code == 302

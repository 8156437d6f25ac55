"""Browsers that enter the code of a device at the same moment."""

import threading

from survey_app.errors import HaiLongError
from survey_app.operations.fieldwork.devices import enrol, find_device
from survey_app.storage.database import Database
from tests.factories import NOW


def race_to_enrol(database: Database, code: str) -> list[str]:
    """Six browsers at once; what each was told. Exactly the winner's key opens."""
    outcomes: list[str] = []
    keys: list[str] = []

    def try_it() -> None:
        try:
            with database.transaction() as own:
                keys.append(enrol(own, code, now=NOW)[1])
            outcomes.append("enrolled")
        except HaiLongError as refusal:
            outcomes.append(type(refusal).__name__)

    threads = [threading.Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.session() as reader:
        (key,) = keys
        assert find_device(reader, key).label == "Kiosk sảnh A"
    return outcomes

"""The worker's housekeeping without its pause of a minute, so that a kill can fall into it."""

import sys
import time

from survey_app.config import Settings
from survey_app.operations.intake.submission import mix_links
from survey_app.storage.database import Database

PAUSE_SECONDS = 0.1


def main() -> None:
    sys.stdin.readline()  # loaded; the servers before it may still run
    database = Database(Settings.from_environment().database_url)
    while True:
        with database.transaction() as session:
            mix_links(session, all_of_them=False)
        database.empty_log()
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()

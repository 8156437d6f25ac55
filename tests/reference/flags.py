"""How often honest sheets are flagged, by simulation. Not part of any test run.

Nobody cheats here: answers come from the maker of the demo (one latent opinion moves all criteria
of a person), arrivals at a point are a Poisson process in opening hours, and the time of a sheet
is log-normal: reading takes one person three times as long as another. Whatever is flagged is
flagged wrongly. A reader of two seconds a question is taken for too fast whatever the reason.

``python -m tests.reference.flags [--sheets N]`` prints the table of section 25 of
docs/methodology.md, in about a minute.
"""

import argparse
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from survey_app.clock import VIETNAM
from survey_app.integrity.flags import Flag
from survey_app.integrity.recent import RecentSheets
from survey_app.operations.demo.answers import SheetMaker, UnitTraits
from survey_app.operations.intake.flagging import flag_arrival, flag_sheet
from survey_app.questionnaire.codebook import build_codebook
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.storage.models import Mode

QUESTIONNAIRES = Path(__file__).parents[2] / "questionnaires"
#: Half of the people take longer than so many seconds for a question; spread of its logarithm.
MEDIAN_SECONDS, SPREAD = 6.0, 0.45
OPENING = datetime(2026, 6, 15, 7, 30, tzinfo=VIETNAM)
MINUTES_OPEN = 480

#: Name → (document, mode, quality of the unit, sheets a day at the point).
SETTINGS = {
    "22 criteria, phones, ordinary unit": ("sipas-counter", Mode.PHONE, 0.35, 40),
    "22 criteria, phones, excellent unit": ("sipas-counter", Mode.PHONE, 1.5, 40),
    "22 criteria, phones, crowded office": ("sipas-counter", Mode.PHONE, 0.35, 600),
    "5 criteria, kiosk, ordinary unit": ("one-stop-rating", Mode.KIOSK, 0.35, 60),
    "5 criteria, kiosk, excellent unit": ("one-stop-rating", Mode.KIOSK, 1.5, 60),
    "5 criteria, kiosk, crowded office": ("one-stop-rating", Mode.KIOSK, 0.35, 300),
}


def flagged(rng, document, mode, quality, a_day, sheets):
    """How many of so many honest sheets have each flag, and how many have any."""
    source = (QUESTIONNAIRES / f"{document}.yaml").read_text(encoding="utf-8")
    questionnaire = parse_questionnaire(source)
    codebook = build_codebook(questionnaire)
    traits = UnitTraits(quality, UnitTraits.draw(rng).by_factor, comment_rate=0.1)
    maker = SheetMaker(questionnaire, codebook, traits, rng)
    recent = RecentSheets()
    found = []  # (hour, flags)
    moment, day = OPENING, 0
    for number in range(sheets):
        moment += timedelta(minutes=rng.exponential(MINUTES_OPEN / a_day))
        while moment > OPENING + timedelta(days=day, minutes=MINUTES_OPEN):
            day += 1 if (OPENING + timedelta(days=day)).weekday() < 4 else 3
            moment = OPENING + timedelta(days=day, minutes=rng.exponential(MINUTES_OPEN / a_day))
        sheet = maker.make()
        seconds = int(sheet.answered * MEDIAN_SECONDS * np.exp(rng.normal(0, SPREAD)))
        row = {
            "mode": mode,
            "collection_point_id": 1,
            "response_key": number.to_bytes(16, "big"),
            "answers": sheet.answers,
            "survey_id": 1,
            "unit_id": 1,
        }
        flags = flag_sheet(codebook, sheet.answers, answered=sheet.answered, seconds=seconds)
        flags |= flag_arrival(
            row,
            recent,
            answered=sheet.answered,
            texts=tuple(f"{text} ({number})" for text in sheet.texts.values()),
            answered_at=moment,
            received_at=moment,
        )
        found.append((moment.replace(minute=0, second=0, microsecond=0), flags))
    bursts = {hour for hour, flags in found if flags & Flag.BURST}
    all_flags = [flags | (Flag.BURST if hour in bursts else 0) for hour, flags in found]
    counts = {flag: sum(bool(flags & flag) for flags in all_flags) for flag in Flag}
    return counts, sum(map(bool, all_flags))


def main():
    """Print the table as Markdown, in percent of honest sheets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheets", type=int, default=5000)
    sheets = parser.parse_args().sheets
    shown = (Flag.TOO_FAST, Flag.STRAIGHT_LINE, Flag.BURST, Flag.IDENTICAL, Flag.OUT_OF_HOURS)
    print("| honest sheets |", " | ".join(f.name.lower() for f in shown), "| any |")
    print("|---|" + "--:|" * (len(shown) + 1))
    for name, setting in SETTINGS.items():
        counts, any_flag = flagged(np.random.default_rng(2026), *setting, sheets)
        cells = [f"{100 * counts[flag] / sheets:.2f}" for flag in shown]
        print(f"| {name} | {' | '.join(cells)} | {100 * any_flag / sheets:.2f} |")


if __name__ == "__main__":
    main()

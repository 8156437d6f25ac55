"""The fuzz of the public endpoints for longer: other chances in each round, for some minutes.

Ends with status 1 at a reply of 500 or more, a request that nobody ended, a reply that the API's
description does not name, or an acknowledged sheet that was lost.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.attack import attack

MINUTES = 10.0
REQUESTS, CASES = 3000, 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    options = parser.parse_args()
    ends_at, seed = time.monotonic() + 60 * options.minutes, options.seed
    failures: list[str] = []
    told: list[dict[str, object]] = []
    while not told or (time.monotonic() < ends_at and not failures):
        with tempfile.TemporaryDirectory() as name:
            url = f"sqlite:///{Path(name) / 'hailong.db'}"
            found = attack(url, Path(name), requests=REQUESTS, cases=CASES, seed=seed)
        assert found.outcome
        failures += found.failures
        if found.outcome.lost or found.outcome.wrong:
            failures.append(str(found.outcome))
        told.append(
            {
                "seed": seed,
                "hostile": found.sent,
                "described": found.described,
                "replies": dict(sorted(found.replies.items())),
                "acknowledged": found.outcome.acknowledged,
                "lost": found.outcome.lost,
            }
        )
        print(told[-1], flush=True)
        seed += 1
    for failure in failures:
        print(failure)
    if options.json:
        options.json.write_text(json.dumps({"rounds": told, "failures": failures}, indent=2))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

"""What ``wsgi.py`` does for the product, for the applications that it is measured against."""

import os
from pathlib import Path

from survey_app.web.own_core import keep_to_own_core

if os.environ.get("HAILONG_OWN_CORE") == "1":
    keep_to_own_core(Path(os.environ["HAILONG_DATA"]))

"""The smallest application of the framework: what a page through Flask costs at least."""

from flask import Flask

import tests.bench._own_core  # noqa: F401

app = Flask("hello")


@app.get("/")
def hello() -> str:
    return "hello\n"


@app.get("/healthz")
def healthz() -> str:
    return "ok"

"""The smallest application of the framework: what a page through Flask costs at least."""

from flask import Flask

app = Flask("hello")


@app.get("/")
def hello() -> str:
    return "hello\n"


@app.get("/healthz")
def healthz() -> str:
    return "ok"

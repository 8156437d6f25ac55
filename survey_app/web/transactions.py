"""One database session per request; committed when the answer is below 400, else rolled back."""

from flask import Flask, Response, current_app, g, request

from survey_app.operations.intake.intake import Intake
from survey_app.storage.audit_chain import require_entry
from survey_app.storage.database import Database, Session

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def database() -> Database:
    """The application's database."""
    found: Database = current_app.extensions["hailong.database"]
    return found


def current_session() -> Session:
    """The session of this request; a writing one unless the method is safe."""
    if "session" not in g:
        g.session = database().session(write=request.method not in SAFE_METHODS)
        if g.get("must_record"):
            require_entry(g.session)
    session: Session = g.session
    return session


def reading_session() -> Session:
    """The session of a request that stores nothing through it, whatever its method."""
    if "session" not in g:
        g.session = database().session()
    session: Session = g.session
    return session


def intake() -> Intake:
    """Where answer sheets are stored."""
    found: Intake = current_app.extensions["hailong.intake"]
    return found


def init_transactions(app: Flask, found: Database) -> None:
    """Tie ``found`` to the application and close every request's session."""
    app.extensions["hailong.database"] = found
    app.extensions["hailong.intake"] = Intake(found)

    @app.after_request
    def commit(response: Response) -> Response:
        # The commit comes before the reply leaves: acknowledged means on disk.
        session: Session | None = g.get("session")
        if session is not None and response.status_code < 400:
            session.commit()
        return response

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        session: Session | None = g.pop("session", None)
        if session is not None:
            session.close()

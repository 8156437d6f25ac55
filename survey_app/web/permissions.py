"""Who the endpoints are for: the groups that the table of access names, and what each admits."""

from dataclasses import dataclass
from enum import StrEnum

from survey_app.operations.access.rights import AccountRole


class Access(StrEnum):
    """A group of people, or of programs, that an endpoint is for."""

    PUBLIC = "public"
    KEY = "key"  # other software, with a key that has the scope named in KEY_SCOPES
    SIGNED_IN = "signed in"  # everybody, about the own account
    RESULTS = "results"  # figures: reads only
    BEHIND = "behind the figures"  # what figures are made of: flagged sheets, hidden comments
    OFFICER = "officer"  # acts on results: judges sheets, hides comments, makes batches
    COUNTER = "counter"  # slips, paper forms, files of kiosks
    COUNTER_BOOKS = "books of the counter"  # reads what the counter does
    SURVEYS = "surveys"  # makes and manages surveys
    HOUSE = "house"  # reads how surveys, questionnaires and units are set up
    REGISTER = "register"  # reads units, services, and what became of units
    DRAFTS = "drafts"  # reads what is being written and proposed
    TRIAL = "trial"  # answers a draft as citizens would; stores nothing
    DOCUMENTS = "documents"  # changes what every survey shares: questionnaires, recordings
    ADMINISTRATOR = "administrator"
    CHECK = "check"  # has the audit record checked; changes nothing but that it was
    OVERSIGHT = "oversight"  # reads accounts, keys, the audit record, what everybody keeps


@dataclass(frozen=True)
class Admitted:
    """The roles a group admits. ``is_whole``: only by a grant in every unit, for what belongs to
    no unit."""

    roles: frozenset[AccountRole]
    is_whole: bool = False


#: What is managed, or read by those who look after it, is a survey as a whole. A manager of one
#: branch manages the surveys that lie in it, not the branch's part of others: opening, closing,
#: targets and populations are the survey's.
MANAGING = frozenset({Access.SURVEYS, Access.HOUSE, Access.DOCUMENTS, Access.ADMINISTRATOR})

_ADMINISTRATOR = frozenset({AccountRole.ADMINISTRATOR})
_MANAGERS = _ADMINISTRATOR | {AccountRole.SURVEY_MANAGER}
_OFFICERS = _MANAGERS | {AccountRole.OFFICER}
_COUNTER = _OFFICERS | {AccountRole.CLERK}
_AUDITOR = frozenset({AccountRole.AUDITOR})

ADMITTED: dict[Access, Admitted] = {
    Access.SIGNED_IN: Admitted(frozenset(AccountRole)),
    Access.RESULTS: Admitted(_OFFICERS | _AUDITOR | {AccountRole.LEADER}),
    Access.BEHIND: Admitted(_OFFICERS | _AUDITOR),
    Access.OFFICER: Admitted(_OFFICERS),
    Access.COUNTER: Admitted(_COUNTER),
    Access.COUNTER_BOOKS: Admitted(_COUNTER | _AUDITOR),
    Access.SURVEYS: Admitted(_MANAGERS),
    Access.HOUSE: Admitted(_MANAGERS | _AUDITOR),
    Access.REGISTER: Admitted(_OFFICERS | _AUDITOR),
    Access.DRAFTS: Admitted(_MANAGERS | _AUDITOR, is_whole=True),
    Access.TRIAL: Admitted(_MANAGERS | _AUDITOR, is_whole=True),
    Access.DOCUMENTS: Admitted(_MANAGERS, is_whole=True),
    Access.ADMINISTRATOR: Admitted(_ADMINISTRATOR, is_whole=True),
    Access.CHECK: Admitted(_ADMINISTRATOR | _AUDITOR, is_whole=True),
    Access.OVERSIGHT: Admitted(_ADMINISTRATOR | _AUDITOR, is_whole=True),
}

#: Where roles that only read may send a form.
READERS_SEND = frozenset({Access.SIGNED_IN, Access.CHECK, Access.TRIAL})

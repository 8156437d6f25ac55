"""The words of XLSForm that both directions share: sheets, columns of our own, languages."""

import re

from survey_app.i18n import language_code, language_name

SURVEY, CHOICES, SETTINGS = "survey", "choices", "settings"

#: Columns in which we keep what XLSForm has no place for. Other programs pass over them; in
#: "choices" they become XML elements, so a name has no colon.
PART = "hailong_part"  # what a note is: one of the PARTS
CODE = "hailong_code"  # the code of a section or question whose name had to differ
FACTOR = "hailong_factor"  # on a group: yes when it is a factor
ROLE = "hailong_role"
OFFERS_NOT_APPLICABLE = "hailong_not_applicable"  # on a number, or on the choice that says it
REQUIRED = "hailong_required"  # on such a number: required, as far as it applies
IMPLIED = "hailong_implied"  # limits that the platform sets, not the questionnaire
UNTRANSLATED = "hailong_untranslated"  # "label:en hint:zh": Vietnamese stands in for these
SCALE = "hailong_scale"  # on a choice: the scale that it is a level of
SATISFIED = "hailong_satisfied"  # on a level: yes when it counts as satisfied

INTRODUCTION, THANKS, SECTION_INTRODUCTION = "introduction", "thanks", "section_introduction"

#: In "settings".
LANGUAGES = "hailong_languages"
SCORING_VERSION, ITEM = "hailong_scoring_version", "hailong_item"
ROLL_UP, WEIGHTS = "hailong_roll_up", "hailong_weights"
TITLE_IN = "hailong_title_"  # + language

YES = "yes"

#: In a label "${" would refer to a question; this invisible sign (word joiner) keeps them apart.
_APART = "\u2060"

_CODE_IN_BRACKETS = re.compile(r"\(([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)?\)\s*$")


def is_kept(name: str) -> bool:
    """Whether converters keep a name for themselves: that of the form as a whole, or of what they
    note of it."""
    return name in ("data", "meta")


def question_name(code: str) -> str:
    """The name of a question in a form."""
    return f"{code}-question" if is_kept(code) else code


def language_heading(code: str) -> str:
    """How a language is named in a heading: "Tiếng Việt (vi)"."""
    return f"{language_name(code)} ({code})"


def language_of(name: str) -> str | None:
    """The code of a language named in a heading: "Tiếng Việt (vi)", "Vietnamese", "vi"."""
    match = _CODE_IN_BRACKETS.search(name)
    return match[1].lower() if match else language_code(name)


def shielded(text: str) -> str:
    """A text in which no program sees a reference to a question."""
    return text.replace("${", f"${_APART}{{")


def unshielded(text: str) -> str:
    return text.replace(f"${_APART}{{", "${")

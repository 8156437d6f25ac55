"""The words of the administrators' pages for codes that the database keeps."""

from datetime import date

from survey_app.i18n import vietnamese_name
from survey_app.operations.access.api_keys import KeyScope
from survey_app.operations.fieldwork.collection_points import CollectionPoint, Mode
from survey_app.operations.fieldwork.conduct import SurveyEvent
from survey_app.operations.fieldwork.devices import DeviceState
from survey_app.operations.fieldwork.devices import state_of as state_of
from survey_app.operations.fieldwork.moves import CALLED_OFF
from survey_app.operations.fieldwork.ways import SHUT, HasWays, Way, ways_of
from survey_app.operations.figures.blocks import BLOCKS
from survey_app.operations.questionnaires.lifecycle import ProposalState
from survey_app.operations.questionnaires.publishing import QuestionnaireVersion
from survey_app.operations.questionnaires.supplied import SuppliedQuestionnaire
from survey_app.operations.samples.planning import Allocation, SampleMethod
from survey_app.questionnaire.definition import QuestionKind, Role, ScoringMethod
from survey_app.reporting import wording as report_wording
from survey_app.reporting.fieldwork.drawn_list import METHODS
from survey_app.reporting.fieldwork.drawn_list import method_facts as method_facts
from survey_app.reporting.formats import as_written as as_written
from survey_app.reporting.formats import confidence_level as confidence_level
from survey_app.reporting.formats import margin as margin
from survey_app.reporting.formats import percent_as_written as percent_as_written
from survey_app.reporting.records import code_words
from survey_app.reporting.records.audit_words import action as action
from survey_app.reporting.records.audit_words import break_sentence as break_sentence
from survey_app.reporting.records.edit_wording import QUESTION_KINDS, QUESTION_ROLES
from survey_app.reporting.records.edit_wording import VERDICTS as VERDICTS
from survey_app.reporting.records.edit_wording import condition as condition
from survey_app.reporting.records.edit_wording import declared_outcome as declared_outcome
from survey_app.text import sort_key as sort_key
from survey_app.unit_import import KINDS
from survey_app.web.wording import ROLE_DUTIES as ROLE_DUTIES
from survey_app.web.wording import ROLES as ROLES
from survey_app.web.wording import count as count
from survey_app.web.wording import grant as grant
from survey_app.web.wording import grant_end as grant_end
from survey_app.web.wording import hour as hour
from survey_app.web.wording import progress as progress
from survey_app.web.wording import role as role
from survey_app.web.wording import scope_words as scope_words
from survey_app.web.wording import standing as standing
from survey_app.web.wording import status as status

PROPOSAL_STATES = {
    ProposalState.WAITING.value: "Chờ duyệt",
    ProposalState.RETURNED.value: "Đã trả lại",
    ProposalState.APPROVED.value: "Đã duyệt, chưa công bố",
    ProposalState.PUBLISHED.value: "Đã công bố",
    ProposalState.WITHDRAWN.value: "Đã rút",
}
DEVICE_STATES = {
    DeviceState.WAITING: "Chờ nhập mã cài đặt",
    DeviceState.EXPIRED: "Mã cài đặt đã hết hạn",
    DeviceState.ENROLLED: "Đã cài đặt",
    DeviceState.REVOKED: "Đã thu hồi",
}
#: A survey's status before and after → what happened.
TURNS = {
    ("draft", "open"): "Mở cuộc khảo sát",
    ("open", "paused"): "Tạm dừng",
    ("paused", "open"): "Tiếp tục nhận phiếu",
    ("open", "closed"): "Đóng cuộc khảo sát",
    ("paused", "closed"): "Đóng cuộc khảo sát",
    ("closed", "open"): "Mở lại cuộc khảo sát",
}
WAYS = {way.value: code_words.WAYS[way] for way in Way}
KEY_SCOPES = {scope.value: code_words.KEY_SCOPES[scope] for scope in KeyScope}


def key_scopes(codes: str) -> str:
    """What a key is good for, in words; a scope of another version stands for itself."""
    return ", ".join(KEY_SCOPES.get(code, code) for code in codes.split())


def place(point: CollectionPoint) -> str:
    """A collection point with its unit."""
    return f"{point.unit.name}, {point.label}"


def version(found: QuestionnaireVersion) -> str:
    """A version of a questionnaire, as it is chosen from a list."""
    return f"{found.title} ({found.name})"


def supplied(found: SuppliedQuestionnaire) -> str:
    """A questionnaire that comes with the product, as it is chosen from a list."""
    return f"{found.title} ({count(found.questions)} câu hỏi)"


def unit_kind(code: str) -> str:
    """A kind of unit by name; an unknown code stands for itself."""
    return KINDS[code][0] if code in KINDS else code


def mode(code: str) -> str:
    return report_wording.mode(code)


def device_state(state: DeviceState) -> str:
    return DEVICE_STATES[state]


def question_kind(kind: QuestionKind) -> str:
    return QUESTION_KINDS[kind]


def question_role(role: Role) -> str:
    return QUESTION_ROLES[role]


def languages(codes: tuple[str, ...]) -> str:
    return ", ".join(vietnamese_name(code) for code in codes)


def item_rule(scoring: ScoringMethod) -> str:
    return report_wording.ITEM_RULES[scoring.item]


def roll_up(scoring: ScoringMethod) -> str:
    return report_wording.ROLL_UPS[scoring.roll_up]


def unit_kind_choices() -> dict[str, str]:
    return {kind: names[0] for kind, names in KINDS.items()}


def block_choices() -> dict[str, str]:
    return {"": "Theo loại đơn vị", **{code: name for code, (name, _) in BLOCKS.items()}}


def mode_choices() -> dict[str, str]:
    """Ways of collecting through a link; sheets of other software come through the API."""
    return {code.value: mode(code) for code in Mode if code is not Mode.API}


def sample_method_choices() -> dict[str, str]:
    return {method.value: METHODS[method] for method in SampleMethod}


def allocation_choices() -> dict[str, str]:
    return {
        Allocation.PROPORTIONAL.value: "Theo tỷ lệ số hồ sơ của từng lĩnh vực",
        Allocation.EQUAL.value: "Bằng nhau giữa các lĩnh vực",
        Allocation.NONE.value: "Không phân tầng",
    }


def shut(survey: HasWays, way: str) -> str:
    """Why a survey gives out no sheets in a way, "" where it does."""
    return "" if way in ways_of(survey) else SHUT[Way(way)]


def turn(event: SurveyEvent) -> str:
    """What happened to a survey: "Tạm dừng"."""
    if event.kind == "period":
        before, after = map(date.fromisoformat, (event.before, event.after))
        verb = "Kéo dài" if after > before else "Rút ngắn"
        return f"{verb} kỳ khảo sát: đến hết {after:%d/%m/%Y} thay cho {before:%d/%m/%Y}"
    if event.kind == CALLED_OFF:
        return f"Hủy việc chuyển từ phiên bản {event.after} sang phiên bản {event.before}"
    return TURNS[event.before, event.after]

"""The tables, one module per subject."""

from survey_app.storage.models.accounts import Account, AccountGrant, SecondStep, SignIn
from survey_app.storage.models.api_keys import ApiKey, InvitationRequest
from survey_app.storage.models.audit import AuditEntry, AuditHead
from survey_app.storage.models.base import Base
from survey_app.storage.models.contacts import ContactOffer, ContactRequest
from survey_app.storage.models.devices import Device
from survey_app.storage.models.drafts import (
    QuestionnaireDraft,
    QuestionnaireDraftAttempt,
    QuestionnaireDraftState,
)
from survey_app.storage.models.identities import AccountIdentity, SpentLogout, WaitingIdentity
from survey_app.storage.models.invitations import SlipListDigest
from survey_app.storage.models.jobs import JobState, ReportJob
from survey_app.storage.models.kept import KeptAnalysis
from survey_app.storage.models.proposals import (
    ProposalState,
    PublicationProposal,
    PublishingRule,
    VersionClosing,
)
from survey_app.storage.models.questionnaires import QuestionnaireVersion
from survey_app.storage.models.recordings import Recording
from survey_app.storage.models.releases import DatasetRelease
from survey_app.storage.models.responses import FreeText, SurveyResponse
from survey_app.storage.models.reviews import Review, Verdict
from survey_app.storage.models.samples import SampledDossier, SampleDraw, SampleMethod
from survey_app.storage.models.second_keying import SecondKeying
from survey_app.storage.models.second_step import RecoveryCode, RequiredSecondStep
from survey_app.storage.models.services import DossierCount, PublicService
from survey_app.storage.models.surveys import (
    CollectionPoint,
    Mode,
    OneTimeLink,
    SpentLink,
    Survey,
    SurveyEvent,
    SurveyMove,
    SurveyStatus,
    SurveyUnit,
)
from survey_app.storage.models.unit_events import (
    EventKind,
    MemberRole,
    UnitEvent,
    UnitEventMember,
    UnitState,
)
from survey_app.storage.models.units import AdministrativeUnit, UnitSuccession

__all__ = [
    "Account",
    "AccountGrant",
    "AccountIdentity",
    "AdministrativeUnit",
    "ApiKey",
    "AuditEntry",
    "AuditHead",
    "Base",
    "CollectionPoint",
    "ContactOffer",
    "ContactRequest",
    "DatasetRelease",
    "Device",
    "DossierCount",
    "EventKind",
    "FreeText",
    "InvitationRequest",
    "JobState",
    "KeptAnalysis",
    "MemberRole",
    "Mode",
    "OneTimeLink",
    "ProposalState",
    "PublicationProposal",
    "PublishingRule",
    "QuestionnaireDraft",
    "QuestionnaireDraftAttempt",
    "QuestionnaireDraftState",
    "PublicService",
    "QuestionnaireVersion",
    "Recording",
    "RecoveryCode",
    "ReportJob",
    "RequiredSecondStep",
    "Review",
    "SampleDraw",
    "SampleMethod",
    "SampledDossier",
    "SecondKeying",
    "SecondStep",
    "SignIn",
    "SlipListDigest",
    "SpentLink",
    "SpentLogout",
    "Survey",
    "SurveyResponse",
    "SurveyEvent",
    "SurveyMove",
    "SurveyStatus",
    "SurveyUnit",
    "UnitEvent",
    "UnitEventMember",
    "UnitState",
    "UnitSuccession",
    "Verdict",
    "VersionClosing",
    "WaitingIdentity",
]

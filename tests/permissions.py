"""Who may call which endpoint, written by hand beside the program's own table and not from it.

A new endpoint needs its line here too: two people, or one person twice, must have meant the same.
Letters: A administrator, M survey manager, O reform officer, C clerk, L leader, K auditor.
"""

from survey_app.operations.access.rights import AccountRole

LETTERS = {
    "A": AccountRole.ADMINISTRATOR,
    "M": AccountRole.SURVEY_MANAGER,
    "O": AccountRole.OFFICER,
    "C": AccountRole.CLERK,
    "L": AccountRole.LEADER,
    "K": AccountRole.AUDITOR,
}
EVERYBODY_SIGNED_IN = "AMOCLK"

#: Without signing in; some refuse staff, the API's own doors ask for a key.
OPEN = """
static fonts.font recordings.recording
api.healthz api.readyz api.openapi api.put_response api.create_invitations
api.put_dossier_counts
citizen.welcome citizen.show citizen.answer citizen.start_another citizen.thanks
citizen.privacy citizen.contact citizen.ask_for_reply citizen.withdrawal citizen.withdraw
kiosk.shell kiosk.enrolment kiosk.enrol kiosk.worker kiosk.take_sheets kiosk.check_code
kiosk.report kiosk.leave
auth.sign_in auth.second_step
auth.begin_at_provider auth.finish_at_provider auth.leave_provider auth.hear_logout
""".split()  # noqa: SIM905

#: Letters → endpoints, for accounts whose grant is in every unit.
MAY = {
    "AMOCLK": """
        auth.sign_out auth.account auth.sign_out_everywhere auth.revoke_sign_in
        auth.enrolment auth.begin_enrolment auth.confirm_enrolment auth.renew_recovery_codes
        auth.remove_second_step help.home help.guide help.picture auth.choose_password
    """,
    "AMOLK": """
        officer.home officer.survey officer.unit officer.unit_document
        officer.cross_table officer.cross_table_document
        officer.model_estimates officer.model_estimates_document
        officer.consolidated officer.consolidated_document
        officer.standings officer.standings_document
    """,
    "AMOK": """
        officer.drawn_list officer.comments officer.quarantines officer.unit_quarantine
        officer.kept_analysis officer.kept_document admin.survey_progress
        admin.unit_choices admin.units admin.unit admin.services admin.service admin.reorganisations
    """,
    "AMO": """
        officer.hide_comment officer.decide_quarantine officer.reconsider_quarantine
        officer.dataset officer.contacts officer.contact officer.finish_contact
        officer.batches officer.start_batch officer.stop_batch officer.batch_archive
        officer.files officer.read_file officer.file_result officer.delete_kept_analysis
        admin.reminder_list admin.note_reminded
    """,
    "AMOCK": """
        admin.counter admin.devices admin.device admin.paper admin.second_keying
        admin.keying_document
    """,
    "AMOC": """
        admin.slip_desk admin.single_slip admin.slips admin.list_slips admin.slips_template
        admin.slip_documents admin.kiosk_sheets admin.import_kiosk_file admin.paper_form
        admin.paper_template admin.import_paper admin.paper_entry admin.save_form
        admin.second_entry admin.save_second_entry admin.open_form admin.settle_form
    """,
    "AMK": """
        admin.home admin.questionnaires admin.questionnaire admin.questionnaire_source
        admin.questionnaire_changes admin.questionnaire_file
        admin.recordings admin.surveys admin.survey
        admin.poster admin.posters admin.poster_pdf admin.posters_pdf
        admin.samples admin.unit_samples admin.sample admin.drawn_list
        admin.drafts admin.draft admin.draft_part admin.draft_source admin.draft_checks
        admin.draft_library admin.draft_translation admin.draft_preview
        admin.preview_phone admin.preview_kiosk
        admin.proposals admin.proposal admin.try_preview
    """,
    "AM": """
        admin.create_survey admin.set_survey_status admin.set_population admin.move_survey
        admin.call_off_move
        admin.survey_plan admin.change_survey_plan admin.set_survey_offer
        admin.survey_targets admin.set_survey_targets admin.survey_opening admin.open_survey
        admin.set_contact_offer
        admin.add_collection_point admin.add_device admin.set_device admin.set_device_pin
        admin.move_device admin.renew_device_code admin.revoke_device admin.set_second_keying
        admin.erase_samples admin.dossiers_template admin.draw_sample
        admin.verify_sample admin.check_questionnaire admin.publish_questionnaire
        admin.store_recording admin.delete_recording
        admin.create_draft admin.edit_draft admin.undo_draft admin.discard_draft
        admin.attempt admin.decide_attempt admin.drop_attempt
        admin.save_translation
        admin.borrow_question admin.decide_proposal admin.close_version
        admin.publish_draft admin.xlsform admin.import_xlsform
    """,
    "AK": """
        officer.all_kept admin.accounts admin.api_keys
        admin.account admin.security
        admin.audit admin.audit_document admin.check_audit
    """,
    "A": """
        admin.create_unit admin.import_units admin.units_template admin.load_province
        admin.create_account admin.set_account_active admin.reset_password
        admin.rename_account admin.add_grant admin.end_grant admin.revoke_sign_in
        admin.sign_account_out admin.reset_second_step admin.set_security
        admin.link_identity admin.unlink_identity
        admin.create_api_key admin.revoke_api_key admin.set_review_rule
        admin.choose_reorganisation admin.reorganise
        admin.undo_reorganisation admin.import_reorganisations admin.reorganisations_template
        admin.edit_unit admin.import_services admin.services_template admin.import_dossier_counts
        admin.dossier_counts_template
    """,
}
ROLES_OF = {
    endpoint: frozenset(LETTERS[letter] for letter in letters)
    for letters, endpoints in MAY.items()
    for endpoint in endpoints.split()
}
#: Refused to a grant in a branch: what they are about belongs to no branch.
NOT_IN_A_BRANCH = frozenset(
    """
    officer.all_kept admin.accounts admin.api_keys
        admin.account admin.security
        admin.audit admin.audit_document admin.check_audit
    admin.check_questionnaire admin.publish_questionnaire
    admin.store_recording admin.delete_recording
    admin.drafts admin.create_draft admin.draft admin.draft_part admin.edit_draft
    admin.undo_draft admin.discard_draft admin.draft_source admin.draft_checks
    admin.draft_library admin.borrow_question admin.draft_preview admin.preview_phone
    admin.draft_translation admin.save_translation
    admin.attempt admin.decide_attempt admin.drop_attempt
    admin.preview_kiosk admin.try_preview
    admin.proposals admin.proposal admin.decide_proposal admin.close_version
        admin.publish_draft admin.xlsform admin.import_xlsform
    """.split()  # noqa: SIM905  (a table to be read)
)

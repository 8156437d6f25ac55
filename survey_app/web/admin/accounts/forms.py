"""Forms of the pages about accounts and keys."""

from typing import Self

from flask import request
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput

from survey_app.operations.access.api_keys import LONGEST_LABEL
from survey_app.operations.access.rights import AccountRole
from survey_app.unit_import import LONGEST_CODE
from survey_app.web.admin import wording
from survey_app.web.admin.forms import AdminForm, DayField, at_most, required


class AccountForm(AdminForm):
    """A new account."""

    username = StringField(
        "Tên đăng nhập",
        [required("Nhập tên đăng nhập."), at_most(64)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    display_name = StringField(
        "Họ và tên", [required("Nhập họ và tên."), at_most(120)], render_kw={"autocomplete": "off"}
    )
    role = RadioField(
        "Vai trò",
        [required("Chọn vai trò.")],
        choices={role.value: text for role, text in wording.ROLES.items()},
        default=AccountRole.OFFICER.value,
    )
    unit = StringField("Mã đơn vị phụ trách", [Optional(), at_most(LONGEST_CODE)])
    everywhere = BooleanField("Mọi đơn vị")
    password = PasswordField(
        "Mật khẩu ban đầu",
        [required("Nhập mật khẩu ban đầu."), at_most(200)],
        render_kw={"autocomplete": "new-password"},
    )


class GrantForm(AdminForm):
    """A role that an account gets, where and for how long."""

    role = RadioField(
        "Vai trò",
        [required("Chọn vai trò.")],
        choices={role.value: text for role, text in wording.ROLES.items()},
        default=AccountRole.OFFICER.value,
    )
    unit = StringField("Mã đơn vị phụ trách", [Optional(), at_most(LONGEST_CODE)])
    everywhere = BooleanField("Mọi đơn vị")
    valid_from = DayField("Từ ngày", [required("Nhập ngày bắt đầu.")])
    valid_until = DayField("Đến hết ngày", [Optional()])


class NameForm(AdminForm):
    """The name of an account that people see."""

    display_name = StringField("Họ và tên", [required("Nhập họ và tên."), at_most(120)])


class ReferenceForm(AdminForm):
    """What somebody was shown who came from a provider and has no account yet."""

    reference = StringField(
        "Mã đối chiếu",
        [required("Nhập mã đối chiếu."), at_most(20)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )

    @classmethod
    def of_address(cls) -> Self:
        """As it stands in the address: looking changes nothing, and needs no token."""
        return cls(request.args or None, meta={"csrf": False})

    @property
    def is_filled(self) -> bool:
        return self.reference.raw_data is not None


class ApiKeyForm(AdminForm):
    """A new key for other software."""

    label = StringField("Tên của khóa", [required("Nhập tên của khóa."), at_most(LONGEST_LABEL)])
    unit = StringField("Mã đơn vị", [required("Nhập mã đơn vị."), at_most(LONGEST_CODE)])
    scopes = SelectMultipleField(
        "Quyền của khóa",
        [required("Chọn ít nhất một quyền của khóa.")],
        choices=wording.KEY_SCOPES,
        default=[next(iter(wording.KEY_SCOPES))],
        option_widget=CheckboxInput(),
    )
    expires_on = DayField("Dùng được đến hết ngày", [required("Nhập ngày hết hạn.")])

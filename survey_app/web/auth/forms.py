"""Forms of signing in and of the own account."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from survey_app.operations.access.passwords import LONGEST_PASSWORD


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Username and password."""

    username = StringField(
        "Tên đăng nhập",
        [InputRequired("Nhập tên đăng nhập."), Length(max=64, message="Tên đăng nhập quá dài.")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "Mật khẩu",
        [
            InputRequired("Nhập mật khẩu."),
            Length(max=LONGEST_PASSWORD, message="Mật khẩu quá dài."),
        ],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A change of the own password."""

    current = PasswordField(
        "Mật khẩu hiện tại",
        [
            InputRequired("Nhập mật khẩu hiện tại."),
            Length(max=LONGEST_PASSWORD, message="Mật khẩu quá dài."),
        ],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        "Mật khẩu mới",
        [
            InputRequired("Nhập mật khẩu mới."),
            Length(max=LONGEST_PASSWORD, message="Mật khẩu quá dài."),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    repeated = PasswordField(
        "Nhập lại mật khẩu mới",
        [
            InputRequired("Nhập lại mật khẩu mới."),
            EqualTo("new", message="Hai lần nhập mật khẩu mới không giống nhau."),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of the authenticator, or a recovery code."""

    code = StringField(
        "Mã xác thực",
        [InputRequired("Nhập mã xác thực."), Length(max=20, message="Mã quá dài.")],
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false"},
    )

"""E-mail: one connection to the server of EMAIL_URL for many parcels.

A server may end a connection between two messages (after so many, or so long): what was sent over one that had served
before is sent once more over a new one, under the same Message-ID, before the server counts as away. Connecting and
every answer have EMAIL_TIMEOUT seconds each; some servers keep a stranger waiting for some seconds on purpose.
"""

import smtplib
import ssl
from datetime import timedelta
from typing import Final, NoReturn

from django.conf import settings
from django.core import mail
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _

from reminders import emails
from reminders.channels.base import ChannelKind, Clock, DeliveryError, Parcel, Trouble
from reminders.channels.http import clean
from reminders.channels.smtp import hand_over

_CLOSING: Final = 421
_PAUSE: Final = timedelta(minutes=1)
_BROKEN = (smtplib.SMTPServerDisconnected, ConnectionError)


class MailSender:
    """Hands messages to the mail server."""

    def __init__(self) -> None:
        self._server = mail.get_connection()
        self._served = False

    def send(self, parcel: Parcel) -> None:
        """Send the parcel as one e-mail. Raises DeliveryError."""
        try:
            try:
                self._hand_over(parcel)
            except _BROKEN as error:
                # smtplib calls silence a disconnection too
                if not self._served or _timed_out(error):
                    raise
                self.close()
                self._hand_over(parcel)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._explain(error)
        self._served = True

    def close(self) -> None:
        """Say goodbye to the server, if it still listens."""
        self._served = False
        try:
            self._server.close()
        except (smtplib.SMTPException, OSError):
            # the back end forgets the connection before it says so
            return

    def _hand_over(self, parcel: Parcel) -> None:
        try:
            self._server.open()
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            words = {"words": _text(error.args[-1])}
            self.close()
            raise DeliveryError(Trouble.SETUP, _("邮件服务器拒绝登录：%(words)s") % words) from None
        except ssl.SSLCertVerificationError:
            self.close()
            raise DeliveryError(Trouble.SETUP, _("对方的证书无效")) from None
        smtp = self._server.connection if isinstance(self._server, EmailBackend) else None
        raw = emails.wire(parcel) if smtp else None
        if smtp and raw:
            hand_over(smtp, emails.sender(settings.DEFAULT_FROM_EMAIL), parcel.to, raw)
        elif not emails.compose_parcel(parcel, connection=self._server).send():
            raise DeliveryError(Trouble.REFUSED, _("邮箱地址无法使用"))

    def _explain(self, error: Exception) -> NoReturn:
        """Raise DeliveryError for what smtplib says."""
        match error:
            case smtplib.SMTPRecipientsRefused():
                code, words = next(iter(error.recipients.values()))
                self._refusal(code, words)
            case smtplib.SMTPSenderRefused():
                # our own address or account: the next message would fare no better
                if error.smtp_code != _CLOSING:
                    trouble = Trouble.SETUP if error.smtp_code >= 500 else Trouble.BUSY
                    pause = None if trouble is Trouble.SETUP else _PAUSE
                    raise DeliveryError(trouble, _words(error.smtp_code, error.smtp_error), retry_after=pause) from None
                self._refusal(error.smtp_code, error.smtp_error)
            case smtplib.SMTPDataError():
                self._refusal(error.smtp_code, error.smtp_error)
            case ValueError() | smtplib.SMTPNotSupportedError():
                raise DeliveryError(Trouble.REFUSED, _("邮箱地址无法使用")) from None
        self.close()
        said = _("对方没有应答") if _timed_out(error) else _("无法连接对方，或连接中断")
        raise DeliveryError(Trouble.AWAY, said) from None

    def _refusal(self, code: int, words: bytes | str) -> NoReturn:
        """5xx is for good, 4xx for now; 421 is the whole server's."""
        if code == _CLOSING:
            self.close()
            raise DeliveryError(Trouble.AWAY, _words(code, words)) from None
        raise DeliveryError(Trouble.REFUSED if code >= 500 else Trouble.LATER, _words(code, words)) from None


def _timed_out(error: BaseException) -> bool:
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _words(code: int, words: bytes | str) -> str:
    return f"{code} {_text(words)}"


def _text(words: bytes | str) -> str:
    """The server's words without the address that it may repeat."""
    return clean(words.decode("utf-8", "replace") if isinstance(words, bytes) else words)


def _open(url: str, secret: str, *, clock: Clock) -> MailSender:
    """The mail server is named by EMAIL_URL."""
    return MailSender()


KIND: Final = ChannelKind(sender=_open, per_minute=None, bundles=False)

"""Handing one finished message to a mail server over an open connection of smtplib.

``SMTP.sendmail`` waits for an answer after each of four commands, and takes addresses apart that are known to be
plain. Servers that offer PIPELINING (RFC 2920; all large ones do) are told sender, recipient and DATA in one go: one
journey there and back instead of three. What goes wrong is raised as ``sendmail`` raises it.
"""

import smtplib
from typing import Final

_Reply = tuple[int, bytes]
_CLOSING: Final = 421
_GO_ON: Final = 354


def hand_over(smtp: smtplib.SMTP, sender: str, to: str, raw: bytes) -> None:
    """Send ``raw`` (lines end with CRLF, none begins with a dot, so does its last) to one plain address.

    Raises smtplib.SMTPException, OSError.
    """
    smtp.ehlo_or_helo_if_needed()
    commands = (f"MAIL FROM:<{sender}>", f"RCPT TO:<{to}>", "DATA")
    if smtp.has_extn("pipelining"):
        smtp.send("".join(f"{command}\r\n" for command in commands))
        mail, rcpt, data = smtp.getreply(), smtp.getreply(), smtp.getreply()
    else:
        mail = smtp.docmd(commands[0])
        rcpt = smtp.docmd(commands[1]) if mail[0] == 250 else mail
        data = smtp.docmd(commands[2]) if rcpt[0] in (250, 251) else rcpt
    if mail[0] != 250:
        _reset(smtp, mail, data)
        raise smtplib.SMTPSenderRefused(*mail, sender)
    if rcpt[0] not in (250, 251):
        _reset(smtp, rcpt, data)
        raise smtplib.SMTPRecipientsRefused({to: rcpt})
    if data[0] != _GO_ON:
        _reset(smtp, data, data)
        raise smtplib.SMTPDataError(*data)
    smtp.send(raw + b".\r\n")
    taken = smtp.getreply()
    if taken[0] != 250:
        _reset(smtp, taken, taken)
        raise smtplib.SMTPDataError(*taken)


def _reset(smtp: smtplib.SMTP, refused: _Reply, data: _Reply) -> None:
    """Ready for the next message; a server that wants data although it refused is given none."""
    if refused[0] == _CLOSING:
        smtp.close()
        return
    if data[0] == _GO_ON:
        smtp.send(b".\r\n")
        smtp.getreply()
    smtp.rset()

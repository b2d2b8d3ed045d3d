"""What every named URL asks of the person who opens it. A URL that is not named here is open to nobody.

The right of a role does not depend on one issue; what a person may do on one issue is decided by issues.policies.
"""

from enum import Enum
from typing import Final

from accounts.roles import Permission


class Open(Enum):
    """URLs that ask for no right of a role."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    BY_API = "the API asks itself"


Rule = Open | Permission

URL_RULES: Final[dict[str, Rule]] = {
    # residents
    "home": Open.PUBLIC,
    "report": Open.PUBLIC,
    "report-done": Open.PUBLIC,
    "report-similar": Open.PUBLIC,
    "track": Open.PUBLIC,
    "community-pick": Open.PUBLIC,
    "public-list": Open.PUBLIC,
    "public-promises": Open.PUBLIC,
    "privacy": Open.PUBLIC,
    "matter": Open.PUBLIC,
    "matter-remember": Open.PUBLIC,
    "matter-action": Open.PUBLIC,
    "matter-prove": Open.PUBLIC,
    "matter-file": Open.PUBLIC,
    "matter-rights": Open.PUBLIC,
    # leaders
    "leader-home": Permission.REPORT_AS_LEADER,
    "leader-report": Permission.REPORT_AS_LEADER,
    # everybody
    "login": Open.PUBLIC,
    "login-code": Open.PUBLIC,
    "logout": Open.PUBLIC,
    "invitation": Open.PUBLIC,
    "account": Open.SIGNED_IN,
    "account-session": Open.PUBLIC,
    "account-password": Open.SIGNED_IN,
    "account-second-factor": Open.SIGNED_IN,
    "preferences": Open.PUBLIC,
    "set_language": Open.PUBLIC,
    # everybody who is signed in: the view asks who sees the issue
    "file": Open.SIGNED_IN,
    # console
    "console-inbox": Permission.USE_CONSOLE,
    "console-issues": Permission.USE_CONSOLE,
    "console-issue-new": Permission.CREATE_ISSUE,
    "console-intake-reference": Permission.CREATE_ISSUE,
    "console-intake-limits": Permission.CREATE_ISSUE,
    "console-places": Permission.CREATE_ISSUE,
    "console-issue": Permission.USE_CONSOLE,
    "console-issue-action": Permission.USE_CONSOLE,
    "console-issue-reveal": Permission.REVEAL_CONTACT,
    "console-issue-watch": Permission.USE_CONSOLE,
    "console-issue-receipt": Permission.USE_CONSOLE,
    "console-issue-paper": Permission.USE_CONSOLE,
    "console-notifications": Permission.USE_CONSOLE,
    "console-notifications-read": Permission.USE_CONSOLE,
    "console-notification-open": Permission.USE_CONSOLE,
    "console-notification-read": Permission.USE_CONSOLE,
    "console-notification-snooze": Permission.USE_CONSOLE,
    "console-bell": Permission.USE_CONSOLE,
    "console-notification-settings": Permission.USE_CONSOLE,
    "console-notification-mobile": Permission.USE_CONSOLE,
    "console-absences": Permission.USE_CONSOLE,
    "console-absence-cancel": Permission.USE_CONSOLE,
    "console-directory": Permission.USE_CONSOLE,
    "console-directory-leader": Permission.USE_CONSOLE,
    "console-texts": Permission.USE_CONSOLE,
    "console-duty": Permission.USE_CONSOLE,
    "console-duty-new": Permission.USE_CONSOLE,
    "console-duty-import": Permission.USE_CONSOLE,
    "console-duty-template": Permission.USE_CONSOLE,
    "console-duty-export": Permission.USE_CONSOLE,
    "console-duty-edit": Permission.USE_CONSOLE,
    "console-duty-cancel": Permission.USE_CONSOLE,
    "console-duty-note": Permission.USE_CONSOLE,
    "console-duty-take": Permission.USE_CONSOLE,
    "console-rights": Permission.USE_CONSOLE,
    "console-rights-new": Permission.USE_CONSOLE,
    "console-rights-request": Permission.USE_CONSOLE,
    "console-rights-copy": Permission.ANSWER_RIGHTS,
    "console-admin": Permission.SEE_HEALTH,
    "console-emergency-words": Permission.EDIT_LADDER,
    "console-office": Permission.MANAGE_OFFICE,
    "console-office-import": Permission.MANAGE_OFFICE,
    "console-office-template": Permission.MANAGE_OFFICE,
    "console-limits": Permission.MANAGE_OFFICE,
    "console-limit": Permission.MANAGE_OFFICE,
    "console-references": Permission.MANAGE_OFFICE,
    "console-reference-new": Permission.MANAGE_OFFICE,
    "console-reference": Permission.MANAGE_OFFICE,
    "console-people": Permission.SEE_PEOPLE,
    "console-person-new": Permission.MANAGE_OFFICE,
    "console-person": Permission.SEE_PEOPLE,
    "console-person-leave": Permission.MANAGE_RIGHTS,
    "console-register": Permission.SEE_PRIVACY,
    "console-register-new": Permission.MANAGE_RIGHTS,
    "console-register-row": Permission.SEE_PRIVACY,
    "console-incidents": Permission.SEE_PRIVACY,
    "console-incident-new": Permission.MANAGE_RIGHTS,
    "console-incident": Permission.USE_CONSOLE,
    "console-audit": Permission.READ_JOURNAL,
    "console-ladder": Permission.EDIT_LADDER,
    "console-ladder-new": Permission.EDIT_LADDER,
    "console-ladder-rung": Permission.EDIT_LADDER,
    "console-channels": Permission.MANAGE_CHANNELS,
    "console-channel-new": Permission.MANAGE_CHANNELS,
    "console-channel": Permission.MANAGE_CHANNELS,
    "console-channel-retire": Permission.MANAGE_CHANNELS,
    "console-channel-test": Permission.MANAGE_CHANNELS,
    "console-outbox": Permission.HANDLE_DEAD_LETTERS,
    "console-calendar": Permission.EDIT_CALENDAR,
    "console-calendar-preview": Permission.EDIT_CALENDAR,
    "console-calendar-apply": Permission.EDIT_CALENDAR,
    "console-health": Permission.SEE_HEALTH,
    "console-health-alarm": Permission.SEE_HEALTH,
    "console-supervision": Permission.USE_CONSOLE,
    "console-supervision-act": Permission.USE_CONSOLE,
    "console-supervision-result": Permission.USE_CONSOLE,
    "console-supervision-told": Permission.USE_CONSOLE,
    "console-departments": Permission.USE_CONSOLE,
    "console-department": Permission.USE_CONSOLE,
    "console-records": Permission.USE_CONSOLE,
    "console-help": Permission.USE_CONSOLE,
    "console-components": Permission.USE_CONSOLE,
    # machines
    "healthz": Open.PUBLIC,
    "readyz": Open.PUBLIC,
    "metrics": Open.PUBLIC,
    "api-schema": Open.PUBLIC,
    "api-docs": Open.PUBLIC,
    "api-token": Open.BY_API,
    "api-issues": Open.BY_API,
    "api-issue": Open.BY_API,
    "api-issue-events": Open.BY_API,
    "api-issue-act": Open.BY_API,
    "api-issue-attachments": Open.BY_API,
    "api-communities": Open.BY_API,
    "api-neighbourhoods": Open.BY_API,
    "api-buildings": Open.BY_API,
    "api-departments": Open.BY_API,
    "api-categories": Open.BY_API,
    "api-leaders": Open.BY_API,
    "api-commitments": Open.BY_API,
    "api-notifications": Open.BY_API,
    "api-notification-read": Open.BY_API,
    "api-notification-snooze": Open.BY_API,
    "api-preferences": Open.BY_API,
    "api-public-issues": Open.BY_API,
    "api-public-lookup": Open.BY_API,
    "api-public-matter": Open.BY_API,
    "api-public-act": Open.BY_API,
    "api-public-attachments": Open.BY_API,
    "api-unknown": Open.BY_API,
}


def rule_of(name: str | None) -> Rule | None:
    """What the URL asks for; None for one that nobody may open."""
    return URL_RULES.get(name or "")

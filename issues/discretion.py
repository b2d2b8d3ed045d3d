"""Confidential matters: who knows the reporter, and what others are shown (docs/rules/privacy.md#confidential-matters).

The rule stands here once, for every face: nobody without the right to the identity finds, sees or infers it.
"""

import re
from collections.abc import Collection, Container, Mapping, Sequence
from typing import Any

from django.db.models import Q

from accounts.roles import Permission, Role
from common.masking import scrub, without_names
from communities.access import Access
from communities.lines import OfficeLines
from communities.models import Contact, Leader
from issues.enums import SUBJECT, Source
from issues.models import Issue
from issues.workflow import Party
from journal.models import Event, EventText


def supervised(access: Access) -> list[int]:
    """The sub-districts in which this person is the supervisor."""
    return sorted(pk for pk in access.whole_subdistrict_ids if access.is_in(Role.SUPERVISOR, pk))


def knows_reporter(issue: Issue, access: Access) -> bool:
    """Whether this person may know who reported: of a confidential matter its community and the supervisor.

    And the leader who reported it.
    """
    if not issue.confidential or issue.community_id in access.community_ids:
        return True
    if issue.leader_id is not None and issue.leader_id == access.leader_id:
        return True
    return access.is_in(Role.SUPERVISOR, issue.subdistrict_id)


def may_reveal(issue: Issue, access: Access, who: Collection[Party]) -> bool:
    """Whether this person may ask for the reporter's full name and phone (docs/rules/privacy.md#masks).

    ``who``: what this person is to the matter.
    """
    return bool(who) and access.has(Permission.REVEAL_CONTACT) and knows_reporter(issue, access)


def reporter_known_to(access: Access) -> Q:
    """``knows_reporter`` as a condition: among these one may search by what is known of the reporter."""
    return (
        Q(confidential=False)
        | Q(community_id__in=sorted(access.community_ids))
        | Q(subdistrict_id__in=supervised(access))
    )


def secrets_of(issue: Issue) -> list[str]:
    """What is known of the reporter: name, phone and home as given and as before a correction, the leader who reported.

    The contact must be loaded. One statement at the first asking, a further one for each of the two that there is.
    """
    found = issue.known_secrets
    if found is None:
        found = issue.known_secrets = [*_before_corrections(issue), *_of(issue.leader)]
    found += [secret for secret in _of(issue.contact) if secret not in found]
    return found


def _of(person: Contact | Leader | None) -> list[str]:
    if isinstance(person, Contact):
        return [person.name, person.phone, person.address]
    return [person.name, person.phone] if person is not None else []


def _before_corrections(issue: Issue) -> list[str]:
    """Name and number of contacts that were corrected later: the words of the matter may still hold them."""
    if issue._state.adding:
        return []
    edits = Event.objects.of(SUBJECT, issue.pk).of_kinds(["edit"]).filter(data__changed__has_key="contact")
    ids = [pk for pair in edits.values_list("data__changed__contact", flat=True) for pk in pair if pk]
    known = Contact.objects.filter(pk__in=ids).only("name", "phone", "address")
    return [secret for contact in known for secret in _of(contact)] if ids else []


def addresses_of(issue: Issue) -> list[str]:
    """Where the matter lies, in words, and where it was said to lie before a correction; two statements."""
    told = EventText.objects.filter(event__subject_kind=SUBJECT, event__subject_id=issue.pk, key="old.address")
    standing = Issue.objects.filter(pk=issue.pk).values_list("address", flat=True)
    return [address for address in (*standing, *told.values_list("text", flat=True)) if address]


def nameless(text: str, known: Sequence[str]) -> str:
    """``text`` without what is ``known`` of the reporter, as written there; no last four of a phone alone either."""
    for secret in known:
        if len(secret) > 1:
            text = text.replace(secret, "×××")
        if secret[-4:].isdecimal():
            text = re.sub(rf"(?<!\d){secret[-4:]}(?!\d)", "×××", text)
    return text


def without_secrets(text: str, known: Sequence[str], *, keep: Container[str] = (), codes: Sequence[str] = ()) -> str:
    """``text`` for who may not know the persons in it: no number, no name, no room, nothing ``known`` of the reporter.

    ``keep``: lines of the office, which staff's words may tell; ``codes``: numbers that are no person's.
    """
    return without_names(nameless(scrub(text, keep=keep, codes=codes), known))


def readable(issue: Issue, access: Access, words: str, *, lines: Container[str] | None = None) -> str:
    """Words of staff on a matter as this person may read them: as written, to staff who know the reporter.

    The contact must be loaded. ``lines`` are the office's, where the caller has more than one text.
    """
    knowing = knows_reporter(issue, access)
    if knowing and access.is_staff:
        return words
    keep = OfficeLines(issue.subdistrict_id) if lines is None else lines
    return scrub(words, keep=keep) if knowing else without_secrets(words, secrets_of(issue), keep=keep)


def discreet(issue: Issue, access: Access) -> Issue:
    """The row as this person may read it: words cleaned, the place to the building, no leader. Not to be saved."""
    if not knows_reporter(issue, access):
        known = secrets_of(issue)
        issue.title, issue.description = without_secrets(issue.title, known), without_secrets(issue.description, known)
        issue.address, issue.source = "", source_told(issue.source)
    return issue


def source_told(source: str) -> str:
    """Where a confidential matter came from: a leader is a reporter like any other, a place names its leader."""
    return Source.WEB.value if source == Source.LEADER else source


def data_told(data: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of an event as they are told to who may not know the reporter.

    Not which matter was raised again: the reporter of that one may be known.
    """
    told = {name: value for name, value in data.items() if name != "repeat_of"}
    if "source" in told:
        told["source"] = source_told(str(told["source"]))
    changed = told.get("changed")
    if isinstance(changed, Mapping) and "source" in changed:
        told["changed"] = {**changed, "source": [source_told(str(one)) for one in changed["source"]]}
    return told


def is_by_reporter(issue: Issue, event: Event) -> bool:
    """Whether the leader who reported did it: of a confidential matter that is 反映人, like a resident."""
    return issue.confidential and issue.leader_id is not None and event.actor_role == Role.LEADER


def hidden_account(issue: Issue, access: Access) -> int | None:
    """The account of the leader who reported, where this person may not learn who did; a statement only then."""
    if knows_reporter(issue, access) or issue.leader is None:
        return None
    return issue.leader.user_id

"""Incidents with personal information: what happened, whom it concerns, who was told when (PIPL Art. 51, 57).

The clock runs from when it was noticed until authority and people have been told, or a reason says why not the people.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.actors import Actor
from communities.models import SubDistrict
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues.services.errors import InvalidFields, NotPermitted
from journal.services import Entry, record
from privacy.enums import INCIDENT
from privacy.forms import IncidentForm
from privacy.models import Incident
from privacy.services.errors import HasEnded
from privacy.services.register import may_keep
from privacy.services.versions import check_version


def record_incident(*, office: SubDistrict, data: Mapping[str, Any], by: Actor, at: datetime) -> Incident:
    """Enter one; its clock counts from when it was noticed. Sent twice it is one.

    Raises NotPermitted, InvalidFields.
    """
    _check_right(office, by)
    form = IncidentForm(data)
    incident = _valid(form)
    with transaction.atomic():
        SubDistrict.objects.select_for_update(no_key=True).get(pk=office.pk)
        same = Incident.objects.filter(subdistrict=office, title=incident.title, noticed_at=incident.noticed_at)
        if there := same.filter(recorded_by_id=by.user_id, ended_at__isnull=True).first():
            return there
        incident.subdistrict, incident.recorded_at = office, at
        incident.recorded_by_id = by.user_id or 0
        incident.save(force_insert=True)
        choice = deadlines.load_rules(office.pk).of_all(INCIDENT)
        clock = deadlines.prepare(
            subject_kind=INCIDENT,
            subject_id=incident.pk,
            subdistrict_id=office.pk,
            kind=INCIDENT,
            limit=choice.limit,
            rule=choice.reason,
            at=at,
            began_at=incident.noticed_at,
            calendar=deadlines.load_calendar(),
        )
        deadlines.start_many([clock])
        _tell(incident, "incident_recorded", by, at, affected=incident.affected)
        _stop_if_told(incident)
    return incident


def change_incident(
    *, incident_id: int, data: Mapping[str, Any], version: int | None, by: Actor, at: datetime, ends: bool = False
) -> Incident:
    """What is known by now, by somebody who opened it at ``version``; ``ends``: and with that it is over.

    Raises NotPermitted, HasEnded, RecordChanged, InvalidFields; then nothing of it is written.
    """
    with transaction.atomic():
        incident = _open(incident_id, by)
        check_version(INCIDENT, incident.pk, version)
        form = form_of(incident, data)
        incident = _valid(form)
        if form.changed_data:
            incident.save()
            _tell(incident, "incident_changed", by, at, fields=list(form.changed_data))
            _stop_if_told(incident)
        if ends:
            _end(incident, by, at)
    return incident


def form_of(incident: Incident, data: Mapping[str, Any] | None = None) -> IncidentForm:
    """Its form; when it was noticed stays, for the clock counts from there."""
    form = IncidentForm(data, instance=incident)
    form.fields["noticed_at"].disabled = True
    return form


def _end(incident: Incident, by: Actor, at: datetime) -> None:
    """It is over, and everybody who must be told has been."""
    if not incident.is_told:
        raise HasEnded(_("还没有报告主管部门，或没有写明是否通知本人，不能办结"))
    incident.ended_at, incident.ended_by_id = at, by.user_id
    incident.save(update_fields=["ended_at", "ended_by"])
    _tell(incident, "incident_ended", by, at)


def _check_right(office: SubDistrict, by: Actor) -> None:
    if by.user is None or not may_keep(by.access, office):
        raise NotPermitted(_("只有安全管理员能登记"))


def _open(incident_id: int, by: Actor) -> Incident:
    incident = Incident.objects.select_for_update(no_key=True).get(pk=incident_id)
    _check_right(incident.subdistrict, by)
    if incident.ended_at is not None:
        raise HasEnded(_("已经办结，不能再改"))
    return incident


def _valid(form: IncidentForm) -> Incident:
    if not form.is_valid():
        raise InvalidFields({name: str(texts[0]) for name, texts in form.errors.items()})
    found: Incident = form.instance
    return found


def _stop_if_told(incident: Incident) -> None:
    """The clock is met or missed by when the last of them was told, not by when that was entered."""
    if incident.is_told:
        told = max(at for at in (incident.authority_told_at, incident.people_told_at) if at is not None)
        deadlines.stop(Deadline.objects.of(INCIDENT, incident.pk).open(), None, told)


def _tell(incident: Incident, kind: str, by: Actor, at: datetime, **data: Any) -> None:
    record(
        Entry(
            subject_kind=INCIDENT,
            subject_id=incident.pk,
            kind=kind,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data=data,
        )
    )

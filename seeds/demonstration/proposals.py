"""Deputies' proposals in the demonstration: one being handled, one answered as planned, a deputy not heard yet."""

from datetime import datetime, time, timedelta

from common.clock import local
from proposals.enums import Opinion
from proposals.services import answering, hearing, registering
from proposals.services.answering import NewAnswer
from proposals.services.registering import Deputy, NewProposal
from seeds.demonstration.cast import Cast
from seeds.demonstration.own_data import office_day


def load_proposals(cast: Cast, at: datetime) -> None:
    """Each with a lead and co-handlers; the promise of the second stands in the ledger."""
    office, lead, other = cast.actor("supervisor"), cast.actor("head"), cast.actor("officer2")
    registered = office_day(at, 24, time(10, 0))
    registering.register(
        given=NewProposal(
            subdistrict_id=cast.subdistrict.pk,
            number="桂城代表建议第7号",
            title="增加老旧小区充电设施",
            words="老旧小区电动自行车飞线充电多，建议统一选址增设充电棚，并明确由谁维护。",
            received_on=local(registered).date(),
            lead="EMERGENCY",
            deputies=[Deputy("何伟明", "夏东代表小组")],
            parts=["POWER", "HOUSING"],
        ),
        by=office,
        at=registered,
    )
    handed_over = office_day(at, 60, time(9, 30))
    row = registering.register(
        given=NewProposal(
            subdistrict_id=cast.subdistrict.pk,
            number="桂城代表建议第3号",
            title="改善玉器街一带的路灯和排水",
            words="玉器街一带路灯偏暗，大雨时积水，建议结合道路养护一并改善。",
            received_on=local(handed_over).date(),
            lead="MUNICIPAL",
            deputies=[Deputy("陈少芬", "平东代表小组"), Deputy("梁志强", "平东代表小组")],
            parts=["WATER"],
        ),
        by=office,
        at=handed_over,
    )
    part = "排水口可在路灯改造时同步清疏，不另行开挖。"
    answering.give_part(
        proposal_id=row.pk, department="WATER", note=part, by=other, at=handed_over + timedelta(days=14)
    )
    answered = office_day(at, 20, time(15, 0))
    row.refresh_from_db()
    answering.answer(
        proposal_id=row.pk,
        given=NewAnswer(
            grade="B",
            answer="已会同水务管理办公室现场勘察。路灯更换和排水口清疏列入本年度养护计划，同步施工。",
            promise="更换玉器街一带的路灯，同步清疏排水口",
            due_on=local(at).date() + timedelta(days=75),
        ),
        version=row.version,
        by=lead,
        at=answered,
    )
    row.refresh_from_db()
    first = row.deputies.order_by("pk")[0]
    hearing.record_opinion(
        proposal_id=row.pk,
        deputy_id=first.pk,
        opinion=Opinion.SATISFIED,
        version=row.version,
        by=office,
        at=office_day(at, 15, time(10, 30)),
    )

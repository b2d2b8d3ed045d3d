"""The product's ladder as rows that an administrator edits."""

from communities.models import SubDistrict
from reminders.ladder import DEFAULT_LADDER
from reminders.models import LadderRung
from reminders.reference import forget, rungs_of


def install_default_ladder(subdistrict: SubDistrict | None = None) -> int:
    """Write the ladder of docs/rules/supervision.md where there is none yet; returns how many rungs were written.

    Without a sub-district it becomes the installation's. Where nothing was installed the same ladder holds from code.
    """
    subdistrict_id = subdistrict.pk if subdistrict else None
    if rungs_of(subdistrict_id).exists():
        return 0
    rows = LadderRung.objects.bulk_create(
        LadderRung(
            subdistrict=subdistrict,
            ladder=rung.ladder,
            code=rung.code,
            rank=rung.rank,
            offset=rung.offset,
            roles=list(rung.roles),
            kinds=sorted(rung.kinds),
            levels=sorted(rung.levels),
            channels=list(rung.channels),
            effect=rung.effect,
        )
        for rung in DEFAULT_LADDER.rungs
    )
    forget()
    return len(rows)

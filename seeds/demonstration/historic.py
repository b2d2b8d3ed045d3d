"""The 48 matters that press reports of 2020–2023 mention: 历史资料（来源：报道）."""

from communities.models import Category, Community, Department, SubDistrict
from issues.models import HistoricRecord
from seeds.places.tables import rows


def load_historic(
    subdistrict: SubDistrict,
    communities: dict[str, Community],
    departments: dict[str, Department],
    categories: dict[str, Category],
) -> None:
    """Write the records that are missing, with all that the file says of them."""
    present = set(HistoricRecord.objects.filter(subdistrict=subdistrict).values_list("ref", flat=True))
    missing = [row for row in rows("issues") if row["ref"] not in present]
    records = HistoricRecord.objects.bulk_create(_record(row, subdistrict, categories) for row in missing)
    for row, record in zip(missing, records, strict=True):
        record.communities.set([communities[f"{name}社区"] for name in _several(row["community"])])
        codes = [*_several(row["department"]), *_several(row["co_department"])]
        record.departments.set([departments[code] for code in codes])


def _several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _record(row: dict[str, str], subdistrict: SubDistrict, categories: dict[str, Category]) -> HistoricRecord:
    return HistoricRecord(
        subdistrict=subdistrict,
        ref=row["ref"],
        record=row["record"],
        reported_on=row["date"],
        precision=row["date_precision"],
        community_inferred=row["community_inferred"] == "yes",
        place=row["place"],
        category=categories[row["category"]],
        kind=row["kind"],
        level=row["level"],
        title=row["title"],
        raised_by=row["raised_by"],
        answered_by=row["answered_by"],
        promise=row["promise"],
        promise_year=int(row["promise_year"]) if row["promise_year"] else None,
        answer=row["answer"],
        owner=row["owner"],
        meeting_ref=row["meeting"],
        related_ref=row["related"],
    )

"""An office comes in from a workbook or a folder of CSV: whole or not at all; the same file again changes nothing."""

import csv
import io
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation
from openpyxl import Workbook

from accounts.models import User
from communities.access import access_of
from communities.models import Building, Category, Community, Department, Leader, Membership, Neighbourhood, SubDistrict
from journal.models import Event
from offices.forms import Labelled, options_of
from offices.importing import SHEETS
from offices.models import RowSeal
from offices.sealing import altered

pytestmark = pytest.mark.django_db

Rows = dict[str, list[dict[str, str]]]

OFFICE: Rows = {
    "街道": [
        {"名称": "青山街道", "英文名称": "Qingshan", "代码": "QINGSHAN", "编号用字": "青山",
         "值班电话": "020-00001234"},
    ],
    "社区": [
        {"名称": "松林社区", "英文名称": "Songlin Community", "类型": "城市社区", "电话": "020-00001235"},
        {"名称": "溪口社区", "类型": "农村社区"},
    ],
    "小区和街巷": [
        {"社区": "松林社区", "名称": "松风花园", "类型": "小区"},
        {"社区": "溪口社区", "名称": "溪口一巷", "类型": "巷"},
    ],
    "楼栋": [
        {"社区": "松林社区", "小区": "松风花园", "楼栋": "1栋", "户数": "64"},
        {"社区": "松林社区", "小区": "松风花园", "楼栋": "2栋"},
    ],
    "单位": [
        {"名称": "市政办公室", "代码": "MUNI", "类型": "街道部门", "简称": "市政办", "电话": "020-00001236"},
        {"名称": "松风物业", "代码": "SFWY", "类型": "物业公司", "社区": "松林社区"},
    ],
    "类别": [
        {"代码": "03", "名称": "排水", "通常派往": "MUNI"},
        {"代码": "0301", "名称": "积水", "通常派往": "MUNI", "办理时限": "urgent", "办结可拍照": "是",
         "关键词": "积水 内涝"},
    ],
    "楼长、巷长、街长": [
        {"姓名": "林大同", "手机": "19900007001", "类型": "楼长", "社区": "松林社区",
         "负责的地方": "松风花园 1栋\n松风花园2栋"},
    ],
    "工作人员": [
        {"账号": "lin.clerk", "姓名": "林小青", "角色": "社区工作人员", "社区": "松林社区"},
        {"账号": "muni.officer", "姓名": "高明", "角色": "承办人", "单位": "MUNI", "收件岗": "是",
         "邮箱": "gm@qingshan.example"},
        {"账号": "muni.officer", "姓名": "高明", "角色": "部门负责人", "单位": "MUNI"},
        {"账号": "boss", "姓名": "方正", "角色": "督办员"},
        {"账号": "qs.admin", "姓名": "管之", "角色": "系统管理员"},
    ],
}  # fmt: skip


def folder_of(rows: Rows, path: Path) -> Path:
    path.mkdir(exist_ok=True)
    for sheet, lines in rows.items():
        names = list(dict.fromkeys(name for line in lines for name in line))
        with (path / f"{sheet}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, names, restval="")
            writer.writeheader()
            writer.writerows(lines)
    return path


def workbook_of(rows: Rows, path: Path) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet, lines in rows.items():
        names = list(dict.fromkeys(name for line in lines for name in line))
        page = book.create_sheet(sheet)
        page.append([f"{sheet}表"])
        page.append(names)
        for line in lines:
            page.append([int(line[n]) if line.get(n, "").isdigit() and n == "户数" else line.get(n) for n in names])
    book.save(path)
    return path


def run(source: Path, *more: str) -> str:
    out = io.StringIO()
    call_command("load_office", str(source), *more, stdout=out)
    return out.getvalue()


def test_a_folder_founds_an_office_with_everybody_in_it(tmp_path: Path) -> None:
    run(folder_of(OFFICE, tmp_path / "office"))
    office = SubDistrict.objects.get(code="QINGSHAN")
    assert (office.name_zh, office.area, office.duty_phone) == ("青山街道", "青山", "020-00001234")
    assert set(Community.objects.filter(subdistrict=office).values_list("name_zh", "kind", "initials")) == {
        ("松林社区", "urban", "slsq"), ("溪口社区", "rural", "xksq"),
    }  # fmt: skip
    teams = Department.objects.filter(subdistrict=office, kind="community_team")
    assert set(teams.values_list("code", "community__name_zh")) == {
        ("TEAM-SONGLIN", "松林社区"), ("TEAM-XIKOU", "溪口社区"),
    }  # fmt: skip
    assert Building.objects.get(name="1栋", community__subdistrict=office).households == 64
    category = Category.objects.get(subdistrict=office, code="0301")
    assert (category.parent and category.parent.code, category.department and category.department.code) == (
        "03",
        "MUNI",
    )
    assert (category.override, category.physical, category.keywords) == ("urgent", True, "积水 内涝")
    leader = Leader.objects.get(subdistrict=office)
    assert (leader.name, leader.phone) == ("林大同", "19900007001")
    assert [str(row.place) for row in leader.places.order_by("id")] == ["1栋", "2栋"]
    rows = Membership.objects.filter(subdistrict=office).values_list("user__username", "role", "receiving_desk")
    assert set(rows) == {
        ("lin.clerk", "clerk", False), ("muni.officer", "officer", True), ("muni.officer", "head", False),
        ("boss", "supervisor", False), ("qs.admin", "system_admin", False),
    }  # fmt: skip
    assert not access_of(User.objects.get(username="qs.admin")).installation_wide


def test_a_workbook_does_the_same(tmp_path: Path) -> None:
    run(workbook_of(OFFICE, tmp_path / "office.xlsx"))
    assert Building.objects.get(name="1栋", community__subdistrict__code="QINGSHAN").households == 64
    assert Membership.objects.filter(subdistrict__code="QINGSHAN").count() == 5


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    source = folder_of(OFFICE, tmp_path / "office")
    run(source)
    User.objects.filter(username="lin.clerk").update(password="kept")
    before = Event.objects.count(), RowSeal.objects.count()
    told = run(source)
    assert (Event.objects.count(), RowSeal.objects.count()) == before
    assert "added" not in told
    assert "changed" not in told
    assert User.objects.get(username="lin.clerk").password == "kept"


def test_a_missing_row_or_column_changes_nothing_else(tmp_path: Path) -> None:
    run(folder_of(OFFICE, tmp_path / "office"))
    less: Rows = {
        "街道": OFFICE["街道"],
        "社区": [{"名称": "松林社区", "类型": "城市社区", "电话": "020-00009999"}],
        "类别": [{"代码": "0301", "名称": "积水和内涝"}],
    }
    told = run(folder_of(less, tmp_path / "less"))
    assert "community: 1 changed" in told
    row = Community.objects.get(name_zh="松林社区", subdistrict__code="QINGSHAN")
    assert (row.phone, row.name_en, row.retired_at) == ("020-00009999", "Songlin Community", None)
    category = Category.objects.get(subdistrict__code="QINGSHAN", code="0301")
    assert (category.name_zh, category.override, category.physical) == ("积水和内涝", "urgent", True)
    assert category.department is not None
    assert Community.objects.filter(subdistrict__code="QINGSHAN", retired_at=None).count() == 2


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    told = run(folder_of(OFFICE, tmp_path / "office"), "--dry-run")
    assert "community: 2 added" in told
    assert not SubDistrict.objects.filter(code="QINGSHAN").exists()
    assert not Event.objects.filter(kind="reference_added").exists()


WRONG: list[tuple[str, int, dict[str, str], str]] = [
    ("社区", 0, {"类型": "山村"}, "社区 第 2 行：类型"),
    ("小区和街巷", 0, {"社区": "没有的社区"}, "小区和街巷 第 2 行：社区"),
    ("楼栋", 1, {"小区": "没有的花园"}, "楼栋 第 3 行：小区：这个社区没有这个小区"),
    ("楼栋", 0, {"户数": "很多"}, "楼栋 第 2 行：户数"),
    ("单位", 0, {"代码": "市政"}, "单位 第 2 行：代码"),
    ("单位", 0, {"电话": "打给我"}, "单位 第 2 行：电话"),
    ("类别", 1, {"代码": "0901"}, "类别 第 3 行：代码：没有大类 09"),
    ("类别", 1, {"办理时限": "三天"}, "类别 第 3 行：办理时限"),
    ("类别", 1, {"办结可拍照": "也许"}, "类别 第 3 行：办结可拍照"),
    ("楼长、巷长、街长", 0, {"手机": "12"}, "第 2 行：手机"),
    ("楼长、巷长、街长", 0, {"负责的地方": "松风花园 9栋"}, "第 2 行：负责的地方：没有找到：松风花园 9栋"),
    ("工作人员", 0, {"社区": ""}, "工作人员 第 2 行：社区：请选择"),
    ("工作人员", 3, {"单位": "MUNI"}, "工作人员 第 5 行：单位"),
    ("工作人员", 3, {"角色": "街长大人"}, "工作人员 第 5 行：角色"),
    ("工作人员", 3, {"账号": "方正"}, "工作人员 第 5 行：账号"),
]


@pytest.mark.parametrize(("sheet", "row", "change", "said"), WRONG, ids=[said for *_, said in WRONG])
def test_every_wrong_row_is_named_and_nothing_is_written(
    tmp_path: Path, sheet: str, row: int, change: dict[str, str], said: str, capsys: Any
) -> None:
    rows = {name: [dict(line) for line in lines] for name, lines in OFFICE.items()}
    rows[sheet][row] |= change
    errors = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("load_office", str(folder_of(rows, tmp_path / "office")), stderr=errors, stdout=io.StringIO())
    assert refused.value.returncode == 1
    assert any(said in line for line in errors.getvalue().splitlines()), errors.getvalue()
    assert not SubDistrict.objects.filter(code="QINGSHAN").exists()


def test_what_is_no_workbook_is_refused_in_one_line(tmp_path: Path) -> None:
    for name, data in (("a.xlsx", b"hello"), ("b.xlsx", b"PK\x03\x04rubbish"), ("c.xlsx", b"")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(CommandError) as refused:
            run(tmp_path / name)
        assert refused.value.returncode == 2
        assert "\n" not in str(refused.value)
    with pytest.raises(CommandError):
        run(tmp_path / "missing.xlsx")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError):
        run(tmp_path / "empty")


def test_new_people_get_one_time_links_in_a_file_of_their_own(tmp_path: Path, client: Client) -> None:
    links = tmp_path / "links.csv"
    run(folder_of(OFFICE, tmp_path / "office"), "--links", str(links))
    assert stat.S_IMODE(links.stat().st_mode) == 0o600
    rows = list(csv.DictReader(io.StringIO(links.read_text(encoding="utf-8-sig"))))
    assert [row["账号"] for row in rows] == ["lin.clerk", "muni.officer", "boss", "qs.admin"]
    path = "/" + rows[0]["一次性链接"].split("/", 3)[3]
    page = client.get(path, follow=True)
    answer = client.post(
        page.redirect_chain[-1][0], {"new_password1": "river-stone-77", "new_password2": "river-stone-77"}
    )
    assert answer.status_code == 302
    assert client.login(username="lin.clerk", password="river-stone-77")
    again = Client().get(path, follow=True)
    assert "链接已失效" in again.content.decode()


def test_each_row_has_its_event_and_its_seal(tmp_path: Path) -> None:
    run(folder_of(OFFICE, tmp_path / "office"))
    office = SubDistrict.objects.get(code="QINGSHAN")
    assert list(altered(office)) == []
    row = Category.objects.get(subdistrict=office, code="0301")
    event = Event.objects.of("category", row.pk).get()
    assert (event.kind, event.actor_role) == ("reference_added", "system")
    leader = Leader.objects.get(subdistrict=office)
    told = Event.objects.of("leader", leader.pk).prefetch_related("texts_plain").get()
    assert "林大同" not in str([text.text for text in told.texts_plain.all()]) + str(told.data)
    Category.objects.filter(pk=row.pk).update(override="60d")
    Neighbourhood.objects.create(subdistrict=office, name="偷加的小区", kind="estate")
    assert {(found.kind, found.unsealed) for found in altered(office)} == {("category", False), ("neighbourhood", True)}


def test_every_sheet_is_known_in_both_languages() -> None:
    names = [name for sheet in SHEETS for name in sheet.names()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("active", ["zh-hans", "en"])
@pytest.mark.parametrize("written", ["zh-hans", "en"])
def test_a_choice_is_read_by_what_it_is_called_in_either_language(written: str, active: str) -> None:
    """A Chinese workbook comes in under English pages, and the other way round."""
    for sheet in SHEETS:
        for name, field in sheet.fields.items():
            if isinstance(field, Labelled):
                with translation.override(written):
                    called = {label: code for code, label in options_of(field)}
                assert len(called) == len(options_of(field)), (sheet.code, name)
                with translation.override(active):
                    assert {label: field.to_python(label) for label in called} == called, (sheet.code, name)


def test_links_are_no_formulas_and_earlier_ones_stay(tmp_path: Path) -> None:
    people = [{"账号": "lin.formula", "姓名": "@林", "角色": "督办员"}]
    run(folder_of(OFFICE, tmp_path / "office"))
    run(folder_of({"街道": OFFICE["街道"], "工作人员": people}, tmp_path / "more"))
    with (tmp_path / "one-time-links.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows].count("账号") == 1
    assert {"lin.clerk", "lin.formula"} <= {row[0] for row in rows}
    assert rows[-1][1] == "'@林"


def test_nothing_is_written_where_the_links_cannot_be(tmp_path: Path) -> None:
    source = folder_of(OFFICE, tmp_path / "office")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere.csv")
    for place in (tmp_path / "nowhere" / "links.csv", tmp_path / "link"):
        with pytest.raises(CommandError, match="nothing was written"):
            run(source, "--links", str(place))
    assert not SubDistrict.objects.filter(code="QINGSHAN").exists()
    assert not (tmp_path / "elsewhere.csv").exists()


def test_a_cell_too_long_for_a_table_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "社区.csv").write_text("名称,类型\n" + "x" * 200_000, encoding="utf-8")
    with pytest.raises(CommandError, match="无法读取"):
        run(tmp_path)

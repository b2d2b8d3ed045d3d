"""处理活动登记: what the product does with personal information, and what an office made of it.

The rows below say what this code does and change with it; an office's own row of the same code takes the place of one.
They are what an impact assessment (PIPL Art. 55, 56) begins with, and what the privacy page tells in short (Art. 17).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from communities.models import SubDistrict
from privacy.models import Activity

Words = str | Promise
FIELDS: Final[Mapping[str, Promise]] = {
    "name": _("处理活动"),
    "purpose": _("目的"),
    "basis": _("合法性基础"),
    "people": _("涉及的人"),
    "categories": _("个人信息种类"),
    "sensitive": _("其中敏感个人信息"),
    "recipients": _("谁能看到、提供给谁"),
    "kept": _("保存期限"),
    "measures": _("保护措施"),
}
DUTY: Final = _("履行法定职责所必需（《个人信息保护法》第十三条第一款第三项）")


@dataclass(frozen=True, kw_only=True)
class ActivityRow:
    """One activity, in words; see FIELDS."""

    code: str
    name: Words
    purpose: Words
    people: Words
    categories: Words
    recipients: Words
    kept: Words
    measures: Words
    sensitive: Words = ""
    basis: Words = DUTY

    def values(self) -> dict[str, str]:
        """All fields in the active language."""
        return {name: str(getattr(self, name)) for name in FIELDS}


PRODUCT: Final = (
    ActivityRow(
        code="matters",
        name=_("受理和办理诉求"),
        purpose=_("登记、交办、答复居民反映的事项，核对反映人，回访办理结果"),
        people=_("反映人，诉求内容中提到的人"),
        categories=_("称呼、电话、地址、写下的内容、照片和文件、评价"),
        sensitive=_("内容中可能有健康、未成年人等信息；不收集身份证号"),
        recipients=_("本社区、主办和协办单位、街道社会治理办；转交外单位的，为该单位"),
        kept=_("办结满两年后遮盖（年限可设）；依法须继续保存的除外"),
        measures=_(
            "联系方式和办理记录中的文字加密保存，显示时遮盖，查看须写理由并留下记录；"
            "标题和反映内容为了检索不加密；保密事项只有社区和社会治理办知道反映人"
        ),
    ),
    ActivityRow(
        code="web",
        name=_("居民网页"),
        purpose=_("查询进度，防止冒用他人名义和恶意提交"),
        people=_("使用网页的居民"),
        categories=_(
            "本机签名 Cookie（已核对的诉求、记住的诉求、所选社区、草稿号）、没提交完的内容、网络地址（用于计数）"
        ),
        recipients=_("不提供给任何人"),
        kept=_("核对180天，记住的诉求和社区一年；没提交完的内容24小时；计数最长30天；暂停网上提交最长180天"),
        measures=_("Cookie 有签名、不能由脚本读取；进度页不进搜索引擎、不带来源地址"),
    ),
    ActivityRow(
        code="public",
        name=_("公开正在办理的事项"),
        purpose=_("让居民看到社区在办什么，可以一起反映"),
        people=_("不涉及：公开前去掉个人信息"),
        categories=_("审核过的标题、类别、地点（到小区）、进度；不公开照片"),
        recipients=_("公众"),
        kept=_("办理期间"),
        measures=_("自动去掉电话、证件号、姓名和门牌，再由人审核；保密事项不能公开"),
    ),
    ActivityRow(
        code="requests",
        name=_("个人信息请求"),
        purpose=_("答复居民查阅、复制、更正、删除个人信息的请求"),
        people=_("提出请求的人，被监护或已逝的本人"),
        categories=_("称呼、电话、要求的内容、答复"),
        recipients=_("受理的社区、街道社会治理办；街道领导只看期限和结果"),
        kept=_("与所涉诉求相同；答复记录保存至少三年"),
        measures=_("加密保存；证件只看不留；查看联系方式须写理由并留下记录"),
    ),
    ActivityRow(
        code="meetings",
        name=_("会议、走访和活动"),
        purpose=_("邀请和到会，记录会上和走访时提出的事项、答复和承诺，答复居民提问"),
        people=_("任职的人（兼职委员、居民代表、专家），走访人员，来宾，提出事项的人"),
        categories=_(
            "任职人员的姓名和职务，走访人员、来宾的单位或身份，写下的内容；不记录到会时间，提问不留称呼和电话"
        ),
        recipients=_(
            "召集和受邀的社区、单位，街道社会治理办；公开的会议、提问和承诺，公众可以看到去掉个人信息后的内容"
        ),
        kept=_("随会议记录作为档案保存，不自动遮盖"),
        measures=_("来访人的称呼和电话只留在由此立的诉求里；公开前自动去掉电话、证件号、姓名和门牌；保密事项不公开"),
    ),
    ActivityRow(
        code="proposals",
        name=_("代表建议"),
        purpose=_("办理和答复人大代表的建议，听取代表意见"),
        people=_("提出建议的代表"),
        categories=_("姓名、所属代表小组、建议内容、对答复的意见"),
        recipients=_("主办和会办单位、街道社会治理办和领导"),
        kept=_("随建议作为档案保存，不自动遮盖"),
        measures=_("只有办理的单位、街道社会治理办、街道领导和系统管理员能看到"),
    ),
    ActivityRow(
        code="ledger",
        name=_("楼长台账"),
        purpose=_("楼长记录走访、帮扶、调解、安全、宣传，需要办理的转为诉求"),
        people=_("楼长，走访、帮扶、调解的居民"),
        categories=_("日期、地点、做了什么；可不填的称呼和房号"),
        sensitive=_("不收集：写到健康和经济状况的备注不予保存"),
        recipients=_("楼长本人、本社区、街道社会治理办和领导"),
        kept=_("两年后清除称呼、房号和备注中的个人信息（年限与诉求相同）"),
        measures=_("称呼、房号、备注加密保存，列表和导出的表格遮盖；查看须写理由并留下记录"),
    ),
    ActivityRow(
        code="leaders",
        name=_("楼长、巷长、街长名录"),
        purpose=_("联系楼长，接收楼长上报"),
        people=_("楼长、巷长、街长"),
        categories=_("姓名、手机、负责的地方；手机登录的绑定只存摘要"),
        recipients=_("本社区工作人员、街道社会治理办"),
        kept=_("任职期间，离任后停用"),
        measures=_("姓名和号码加密保存；看完整号码须写理由并留下记录"),
    ),
    ActivityRow(
        code="leader_tasks",
        name=_("楼长通知和任务"),
        purpose=_("通知楼长、巷长、街长，请他们上门或巡查积水点，收回他们的回应"),
        people=_("楼长、巷长、街长"),
        categories=_("写给楼长的内容，每处的回应、简短说明、照片和时间；不写住户姓名和健康情况，不记录打卡和在线时间"),
        recipients=_("发送的社区、楼长所在社区、街道社会治理办"),
        kept=_("随工作记录保存，不自动遮盖"),
        measures=_("内容和说明加密保存，写入时去掉电话和证件号；不排名"),
    ),
    ActivityRow(
        code="staff",
        name=_("工作人员账号和操作日志"),
        purpose=_("确认身份，分配权限，查清谁在什么时候做了什么"),
        people=_("工作人员"),
        categories=_("姓名、账号、手机、邮箱、任职、值班和不在岗、登录时间、设备和网络摘要"),
        recipients=_("系统管理员、安全管理员、审计管理员，各在职责以内"),
        kept=_("账号在任职期间；日志不少于六个月，不删改"),
        measures=_("口令只存散列，管理岗位二次验证，日志逐条相扣、每天封存"),
    ),
    ActivityRow(
        code="messages",
        name=_("提醒和通知"),
        purpose=_("按期限提醒承办人和领导；启用短信的，告知反映人收到、答复、改期、办结"),
        people=_("工作人员，留了手机的反映人"),
        categories=_(
            "邮箱、手机、工单编号、地点和期限；群消息不含居民的任何个人信息；给反映人的短信只有编号和查询链接，"
            "手机号在发送时才取，不存入发送记录"
        ),
        recipients=_("街道启用的邮件、短信和群机器人服务商（受托处理）"),
        kept=_("发送记录随日志保存"),
        measures=_("渠道密钥加密保存；发送前再核对权限；保密事项反映人同意才发短信，反映人随时可以不收"),
    ),
)


@dataclass(frozen=True)
class Shown:
    """A row as an office has it: of the product, or ``own``."""

    code: str
    values: Mapping[str, str]
    own: Activity | None

    @property
    def is_retired(self) -> bool:
        """Whether the office no longer does this."""
        return self.own is not None and self.own.retired_at is not None


def activities_of(office: SubDistrict) -> Sequence[Shown]:
    """All rows of an office, the product's first, retired ones last; one statement."""
    stored = {row.code: row for row in Activity.objects.filter(subdistrict=office).order_by("id")}
    found = [Shown(row.code, row.values(), None) for row in PRODUCT if row.code not in stored]
    found += [Shown(row.code, {name: getattr(row, name) for name in FIELDS}, row) for row in stored.values()]
    places = {row.code: place for place, row in enumerate(PRODUCT)}
    return sorted(found, key=lambda row: (row.is_retired, places.get(row.code, len(places))))


def find(office: SubDistrict, code: str) -> Shown | None:
    """The row of this code; None where the office has none."""
    return next((row for row in activities_of(office) if row.code == code), None)

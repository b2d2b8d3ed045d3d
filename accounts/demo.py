"""The accounts of a demonstration installation, as the sign-in page lists them. They exist only with DEMO=1."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PASSWORD = "guicheng-demo"  # noqa: S105 (published; refused outside demo mode)

ACCOUNTS: tuple[tuple[str, Promise], ...] = (
    ("clerk", _("夏东社区工作人员")),
    ("secretary", _("夏东社区书记")),
    ("clerk2", _("大德社区工作人员")),
    ("officer", _("市政管理办公室承办人")),
    ("officer2", _("水务管理办公室承办人")),
    ("head", _("市政管理办公室负责人")),
    ("supervisor", _("街道社会治理办督办员")),
    ("deputy", _("分管领导")),
    ("director", _("街道主要领导")),
    ("leader", _("大德社区碧湖花园楼长")),
    ("admin", _("系统管理员")),
)

"""Finding the rooms in addresses, so that they can be told to the building: 3栋1201, 12座803房, 桂平路12号502.

Reads folded text (common.digits): digits of every script are 0–9, letters are small, signs are the usual ones.
docs/rules/numbers.md#names-and-rooms says what is missed.
"""

import re
from collections.abc import Iterator
from typing import Final

ROOM: Final = "[房号]"

Span = tuple[int, int]

_TIE: Final = r"[ \-,/的]{0,3}"
_HOUSE: Final = (
    r"(?:[a-z]?[\d十]{1,4}[a-z]?|(?<![a-z])[a-z]|[甲乙丙丁东南西北]) ?(?:号?[栋棟幢座]|号?楼|单元|梯|#楼?)|"
    r"[\d十]{1,3}层|[阁轩]|(?<=[路街巷道里坊村])\d{1,4}号楼?"
)
_WITHIN: Final = rf"(?:(?:\d{{1,2}}|[a-z甲乙丙丁东西])(?:单元|梯|门){_TIE})?(?:[\d十]{{1,3}}[层楼]{_TIE})?"
_SUFFIX: Final = r"(?:房间?(?![产屋地管东价租车顶])|室(?![外内])|号房|号室)"
_MEASURE: Final = (
    r"(?![a-z]| ?(?:\d|元|块|户(?!主)|人|米|平|㎡|千|万|年|月|日|时|分|秒|度|次|个|公|吨|天|"
    r"伏|瓦|%|(?:[mck]?m|kg|ml|k?[vw]|kwh|db|mb|rmb)(?![a-z])|路|线|级|页|位|名|间|辆|台|条|只|盏|"
    r"层|楼|栋|座|组|单|多|余|张|号线|报警|热线|客服))"
)
_PLAIN: Final = rf"(?!1(?:10|19|20|22)(?!\d))(?:[a-z]?\d{{3,4}}[a-z]?|\d{{1,2}}[a-z]\d{{0,2}})(?:号(?!线))?{_MEASURE}"
_SUFFIXED: Final = rf"(?:[a-z]?\d{{1,5}}[a-z]?\d{{0,2}}|[a-z]){_SUFFIX}"
_LETTER: Final = r"(?<=[层楼])[a-z](?![a-z0-9区座栋梯口电通馆级])"
_MORE: Final = rf"(?:[、,/和及与 ]{{1,2}}[a-z]?\d{{3,4}}[a-z]?(?:房|室)?{_MEASURE}){{0,20}}"
_IN_A_HOUSE: Final = re.compile(rf"(?:{_HOUSE})(?P<gone>{_TIE}{_WITHIN}(?:{_SUFFIXED}|{_PLAIN}|{_LETTER}){_MORE})")
_ALONE: Final = re.compile(
    rf"(?<![0-9a-z])(?<![0-9][\-.:/])(?P<gone>(?:[a-z]?\d{{3,4}}[a-z]?|\d{{1,2}}[a-z]){_SUFFIX})"
)
_DASHED: Final = re.compile(
    r"(?:住|住在|家在|小区|花园|苑|园|城|府|湾|庭|邸|居|阁|轩)[ :]?[a-z]?\d{1,2}"
    rf"(?P<gone>-(?:\d{{1,2}}-)?\d{{3,4}}){_MEASURE}(?!-)"
)
_ENGLISH: Final = re.compile(
    r"\b(?:room|rm\.?|flat|apt\.?|apartment|unit(?= ?#? ?(?:\d{3}|\d{1,2}[a-z]))) ?#? ?"
    r"(?P<gone>[a-z]?\d{1,5}[a-z]?)(?![a-z0-9])"
)
_OFFICE: Final = re.compile(
    r"(?:中心|大厅|窗口|办公|居委|村委|街道办|办事处|委员会|派出所|法院|仲裁|医院|学校|小学|中学|银行|服务站|联络站|会议|政务|市监|物业处|管理处)"
    r"[^,.;!?\n]{0,8}$"
)
_AROUND: Final = 16


def rooms_in(letters: str) -> Iterator[Span]:
    """Where the part of an address that lies within a building stands; an office's own rooms are none."""
    for pattern in (_IN_A_HOUSE, _ALONE, _DASHED, _ENGLISH):
        for found in pattern.finditer(letters):
            start, end = found.span("gone")
            if not _OFFICE.search(letters[max(0, start - _AROUND) : start]):
                yield start, end

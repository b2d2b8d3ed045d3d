"""Finding names of persons in free text: after words with which people name themselves, and before a form of address.

A name is a family name and one or two further characters, up to a word that ends it. Which words name somebody, and
what only looks like a name, stands in the tables below; docs/rules/numbers.md#names-and-rooms says what is missed.
"""

import re
from collections.abc import Iterator
from typing import Final

NAME: Final = "[姓名]"

Span = tuple[int, int]

_COMPOUND: Final = "欧阳|司徒|上官|诸葛|司马|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|轩辕|夏侯|端木|南宫"
_FAMILY: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧肖程曹袁邓许傅付沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎闫余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛"
    "温芦季俞章鲁葛伍韦申尤毕聂焦柳邢岳齐梅莫庄辛祝左涂谷祁舒耿牟卜詹关苗凌费纪靳盛童欧甄裴屈鲍覃霍翁隋甘景单包柏宁柯阮"
    "闵柴华冉佘练谌麦冼岑邝伦骆车招莘劳庾荀阳"
)
_ENGLISH_WORD: Final = r"[A-Z][A-Za-z'\-]{1,20}"
_BLANK: Final = r"[ \u3000]?"
_HAN: Final = r"(?![的了吗呢吧呀这那们])[\u3400-\u9fff]"
_GIVEN: Final = rf"(?:{_BLANK}{_HAN})"
_FULL: Final = (
    rf"(?:[{_FAMILY}](?: {_HAN}){{1,2}}|(?:{_COMPOUND}){_GIVEN}{{1,2}}?|[{_FAMILY}]{_GIVEN}{{1,2}}?|"
    rf"{_HAN}{{1,6}}[·•]{_HAN}{{1,8}})"
)
_NICK: Final = rf"[老小阿](?:[{_FAMILY}]|[明强华芳英珍玲辉敏芬珠娟霞丽])"
_KIN: Final = (
    "妈|爸|父|母|妻|老婆|老公|丈夫|太太|儿|女|邻居|家属|家人|亲|哥|姐|弟|妹|房东|租客|朋友|代理|爷|奶|老人|孩子|学生"
)
_ENDS: Final = (
    rf"(?={_BLANK}(?:$|[^\u3400-\u9fff]|住|在|家住|家里|家的|电话|手机|号码|联系|今年|现年|身份|来反映|反映|反应|投诉|举报|想|要|也是|"
    rf"的(?:{_KIN})|先生|女士|小姐|太太|同志|师傅|老师|和|与|及|来自|向|因|由于|是|系|男|女|夫妇|夫妻|一家|你好|您好|请|麻烦|家))"
)
_SAYS_WHO: Final = (
    r"我(?:的?名字)?(?:是|叫做?|名叫|系|乃)|(?:名字|姓名|称呼|大名|全名)(?:是|叫做?|为)?|名叫|本人(?:姓名|名叫|叫|是|系)?|"
    r"(?:反映|举报|投诉|报料|联系|来电|来访|申请|当事|收件|承租|委托|监护|报修|求助)人(?:姓名|名字)?(?:是|为|叫)?|"
    r"签名|落款|署名|"
    r"(?:业主|户主|住户|租户|租客|房东|居民|村民|街坊|邻居|老人|楼长|巷长|家属|代表)(?:名叫|叫做?|是|为)?"
)
_NAMED: Final = re.compile(rf"(?:{_SAYS_WHO})[ \u3000:：,，“\"（(]{{0,3}}(?P<name>{_FULL}|{_NICK}){_ENDS}")
_CALLED: Final = re.compile(
    rf"(?<![百同异复尊何])(?:(?<!贵)|(?<=免贵))姓[ :：]?(?P<name>{_COMPOUND}|(?![名氏甚什啥谁人于]){_HAN})"
    rf"(?P<given>名{_GIVEN}{{1,2}}?{_ENDS})?"
)
_ADDRESSED: Final = re.compile(
    r"先生|女士|小姐|太太|夫人|阿姨|大爷|大叔|大伯|大妈|大娘|大姐|大哥|大婶|叔叔|伯伯|婆婆|阿婆|阿伯|阿叔|奶奶|爷爷|老师傅?|师傅|医生|师奶|"
    rf"伯母|老伯|老太|(?<=[{_FAMILY}])(?:[姨伯叔婶婆姐哥]|生(?=[ ，,。：:（(]|$))"
)
_ENGLISH: Final = re.compile(
    rf"\b(?:[Mm]y name is|[Nn]ame ?[:：]|(?:I am|I'm|I’m|[Tt]his is)(?= {_ENGLISH_WORD} {_ENGLISH_WORD}))"
    rf" {{0,2}}(?P<name>{_ENGLISH_WORD}(?: {_ENGLISH_WORD}){{0,2}})"
    rf"|\b(?:Mr|Mrs|Ms|Miss|Madam|Mdm)\.? (?P<addressed>{_ENGLISH_WORD}(?: {_ENGLISH_WORD})?)"
)
_LONGEST: Final = 4
_IS_FULL: Final = re.compile(rf"(?:{_COMPOUND})(?:{_HAN}){{0,2}}|[{_FAMILY}](?:{_HAN}){{0,2}}")
_NO_NAME: Final = frozenset(
    re.findall(
        r"\S+",
        "高层 高中 高龄 高空 高级 高考 高新 高技 高楼 高血 高铁 高压 高速 高低 高度 常住 常客 常常 常年 常来 常用 常见 "
        "方便 方圆 方案 方法 方向 方面 方才 方式 万科 万达 万一 万元 万家 金融 金色 金域 金额 金属 金沙 安置 安装 安全 "
        "安保 安静 安徽 安排 安稳 安利 白天 白领 白云 白色 白蚁 文员 文明 文件 文化 文体 文华 文昌 江西 江苏 江门 江边 "
        "江滨 温州 温馨 温度 温泉 许多 许可 曾经 曾多 曾反 曾投 曾在 曾向 曾打 曾被 曾有 曾是 于是 于今 于昨 于当 于上 "
        "于本 于每 关于 关心 关注 关闭 关系 关门 包括 包工 包装 施工 任何 任意 任职 谢谢 谢意 陆续 左右 左边 左侧 余下 "
        "余额 单身 单亲 单位 单独 单元 石肯 石油 石头 石材 石龙 夏东 夏北 夏南 夏西 夏天 夏季 夏日 林岳 林业 林场 林荫 "
        "雷岗 雷雨 康怡 康复 康乐 龙光 龙舟 龙头 牛奶 马上 马路 马来 马桶 黄色 黄金 钟点 钟头 武汉 武装 史上 宁愿 宁波 "
        "宁夏 宁可 毛坯 毛病 程序 程度 梅州 梅雨 贺州 柳州 郑州 徐州 华侨 华南 华人 华翠 庄重 易燃 易发 易于 洪水 严重 "
        "严格 严禁 严厉 严查 祝愿 童年 田地 田边 申请 申诉 申报 甘肃 季度 季华 季节 章程 费用 盛夏 颜色 纪检 纪委 纪念 "
        "顾客 顾虑 陶瓷 凌晨 尤其 毕竟 毕业 焦急 焦虑 柴油 岳阳 景观 景区 景色 柏油 唐山 胡同 胡乱 胡说 苏州 罗村 周边 "
        "周末 周围 周日 周一 周二 周三 周四 周五 周六 孙子 孙女 何时 何人 何事 何况 何必 何以 钱包 钱款 莫名 莫非 车位 "
        "车库 车主 车辆 车棚 车上 车来 招租 招聘 招牌 劳务 劳动 劳烦 阳台 阳光 段时 兰州 齐全 鲁能 伍千 伍百 伍万 练习 "
        "黎明 谷歌 辛苦 付款 付费 付钱 范围 戴着 戴口 叶子 沈阳 丁字 杜绝 韩国 商铺 乔木 梁上 孔洞 孔雀 涂料 涂鸦 汤臣 "
        "贾平 房东 管家",
    )
)
"""How words begin that are no name, though their first character is a family name."""
_NO_NAME_ENDS: Final = re.compile(
    r"(?:[人区街苑楼店厂校镇主户员工者师客队车口边房站们]|村民?|居民|园区|花园|小区|家长|楼长|巷长|中心|物业|代表|公司|高中生)$"
)


def names_in(text: str) -> Iterator[Span]:
    """Where names of persons stand in ``text``, in no order; one may lie within another."""
    for found in _NAMED.finditer(text):
        if not _looks_like_one(found["name"]):
            yield found.span("name")
    for found in _CALLED.finditer(text):
        yield found.span("name")
        if found["given"]:
            yield found.start("given") + 1, found.end("given")
    for found in _ADDRESSED.finditer(text):
        yield from _before(text, found.start())
    for found in _ENGLISH.finditer(text):
        yield found.span("name" if found["name"] else "addressed")


def _looks_like_one(name: str) -> bool:
    """Whether it begins or ends as a word that is no name."""
    bare = name.replace(" ", "").replace("\u3000", "")
    return bare[:2] in _NO_NAME or bool(_NO_NAME_ENDS.search(bare))


def _before(text: str, end: int) -> Iterator[Span]:
    """The longest name that ends where a form of address begins."""
    for many in range(min(_LONGEST, end), 0, -1):
        name = text[end - many : end]
        if _IS_FULL.fullmatch(name) and name[:2] not in _NO_NAME:
            yield end - many, end
            return

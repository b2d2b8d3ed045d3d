"""The word list 俗语词表: what residents say for what the office writes, Cantonese too.

One list serves search, suggestions of categories and likeness (docs/rules/issues.md#suggestions). Every word leads to
one meaning; what a longer word of the list covers does not count for a shorter one. The product's own words stand
below; each sub-district adds, changes and switches off (``ColloquialWord``).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from common.held import Held
from common.search import normalise
from communities.models import ColloquialWord

_MOST_READINGS: Final = 12
"""So many readings of one search at most: what is typed first."""


class WordList:
    """``meanings``: word → what the office writes for it, both as ``normalise`` writes them.

    A meaning that is itself a word of the list leads on to that one's.
    """

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self.meanings = {word: _last(word, meanings) for word in meanings}
        self._words: defaultdict[str, list[str]] = defaultdict(list)
        for word, meaning in self.meanings.items():
            self._words[meaning].append(word)
        self._by_letter: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted({*self.meanings, *self._words}, key=lambda word: (-len(word), word)):
            self._by_letter[word[0]].append(word)

    def read(self, text: str) -> tuple[str, set[str]]:
        """``text`` normalised, each word of the list in it as the office writes it; and the meanings that it names."""
        plain = normalise(text)
        parts, named, end = [], set(), 0
        for start, word in self._places(plain):
            meaning = self.meanings.get(word, word)
            parts += [plain[end:start], meaning]
            named.add(meaning)
            end = start + len(word)
        return "".join([*parts, plain[end:]]), named

    def words_for(self, meaning: str) -> Sequence[str]:
        """What is said for it; without single characters, which beside nothing else may mean anything."""
        return [word for word in self._words.get(meaning, ()) if len(word) > 1]

    def readings(self, text: str) -> list[str]:
        """``text`` first, then as others may have written it: its first known word in each of its other forms."""
        typed = normalise(text)
        start, word = next(((start, word) for start, word in self._places(typed) if len(word) > 1), (0, ""))
        meaning = self.meanings.get(word, word)
        forms = (form for form in (meaning, *self.words_for(meaning)) if word and form != word)
        others = (typed[:start] + form + typed[start + len(word) :] for form in forms)
        return [text, *islice(others, _MOST_READINGS - 1)]

    def _places(self, plain: str) -> Iterator[tuple[int, str]]:
        """Where its words and meanings stand, from the left, the longest that begins there."""
        end = 0
        for start, letter in enumerate(plain):
            if start >= end and letter in self._by_letter:
                word = next((word for word in self._by_letter[letter] if plain.startswith(word, start)), "")
                if word:
                    end = start + len(word)
                    yield start, word


def _last(word: str, meanings: Mapping[str, str]) -> str:
    """Where the meanings of ``word`` lead in the end; round in a circle they stop."""
    seen = {word}
    meaning = meanings[word]
    while meaning in meanings and meanings[meaning] not in seen:
        seen.add(meaning)
        meaning = meanings[meaning]
    return meaning


def word_list(subdistrict_id: int | None) -> WordList:
    """The list that holds in a sub-district; None: the product's own. No statement while it is fresh, else one."""
    return _lists.of(subdistrict_id)


def forget() -> None:
    """Drop what this process holds, so that the next read asks the database."""
    _lists.forget()


def _read(subdistrict_id: int | None) -> WordList:
    own: dict[str, str] = {}
    if subdistrict_id is not None:
        rows = ColloquialWord.objects.filter(subdistrict_id=subdistrict_id, retired_at=None)
        own = dict(rows.values_list("word", "means"))
    return WordList({word: meaning for word, meaning in {**DEFAULT_WORDS, **own}.items() if meaning})


_lists = Held(_read)

_TABLE: Final = """
积水 水浸 浸水 水淹 淹水 水浸街 浸街 浸咗 浸晒 内涝 漫水 涨水 排水不畅 去水慢 去水唔切 积满水 全是水 都是水
堵塞 塞咗 塞住 塞死 塞晒 淤塞 堵死 堵住 堵了 不通 唔通 塞满 排不出 排不走 倒灌 返水 返流 反水
拥堵 塞车 堵车 塞爆 车龙 塞到 水泄不通 开不动 挤成一团
电梯 𨋢 升降机 lift 坐梯 搭梯 搭𨋢 楼梯机
加装电梯 加𨋢 装𨋢 装电梯 加电梯 安装电梯 加梯 增设电梯
困人 困喺 困住 被困 关在里面 出不来 出唔到 困咗
井盖 沙井盖 渠盖 坑渠盖 窨井盖 阴井盖 窨井 坑盖
下水道 坑渠 沟渠 污水渠 暗渠 水渠 下水管 渠 地漏 去水位 化粪池
排水 去水 疏水 下水
垃圾 垃圾堆 垃圾桶 垃圾袋 垃圾房 生活垃圾 厨余
分类投放 分类 投放点 定时投放
清运 收垃圾 倒垃圾 拉走 清走 冇人收 没人收 没人清
异味 臭 臭味 好臭 臭崩 臭到死 恶臭 臭气 难闻 味道大 熏 熏人 臭死 臭烘烘 臭晒 一股味 呛鼻
噪音 嘈 好嘈 嘈到 嘈喧巴闭 吵 吵到 吵闹 吵死 噪声 扰民 声好大 声音大 咁嘈 大声 震天响 轰隆 隆隆声 嗡嗡 睡不着 睡不了
噪音 瞓唔着 冇觉好瞓 唔使瞓 隆隆 响 响到 吱吱喳喳 哗啦 低音炮
停电 冇电 没电 断电 无电 跳闸 电掣跳 冇晒电
停水 冇水 没水 断水 无水 冇晒水 水都没有
损坏 烂咗 坏咗 烂了 坏了 破了 断了 断咗 烂晒 坏掉 烂 故障 失灵 破损 裂开 唔着 唔郁 不动了 不能用 用不了 唔用得 老是坏
损坏 成日坏 失修 老化 破裂 裂缝 坑坑洼洼
漏水 渗水 滴水 渗漏 漏雨 入水 渗到 发霉 渗湿 水渍
停车 泊车 泊位 停放 泊咗 泊满 停满车 乱停 乱泊 违停 停车位 车位 泊
电动车 电瓶车 电单车 电动自行车 电驴 小电驴 电鸡 助力车 电动单车 两轮电动车
自行车 单车 脚踏车 共享单车
充电 叉电 差电 冲电 飞线 拉线 充电桩 充电柜 拉电线 插板 拖板
停放点 车棚 单车棚 停车棚
鼠患 老鼠 大老鼠 耗子 老鼠窿
虫害 曱甴 小强 蟑螂 白蚁 虫 虫子
蚊虫 蚊子 蚊 蚊患 蚊好多 花蚊 孑孓
树木 大树 树枝 榕树 棵树 树 枯树 枯枝 老树 树根 树冠
修剪 剪枝 剪树 锯 锯树 剪短 砍 斩树 剪 砍掉
倒伏 冧 冧树 倒咗 倒下来 要倒 歪 倾斜 斜咗 斜
路灯 街灯 灯唔着 灯不亮 灯 黑麻麻 乌黑 黑灯瞎火 黑漆漆 照明 冇灯 没灯 黑蒙蒙 看不见路
物业公司 物业 管理处 物管 物业管理
物业费 管理费 物管费
服务质量 服务差 不作为 唔理 没人管 冇人理 不理 懒理 乜都唔做 什么都不做 不管
维修资金 维修基金 大修基金 公维金 房屋维修金
业主委员会 业委会 业主大会 业主代表
选举 换届 选人 投票 改选
公示 公开 账目 账本 数目 收支 公布 明细 对数
公共收益 广告费收入 广告收入 停车费收入
犬只 狗 狗仔 大狗 养狗 野狗 流浪狗 流浪犬 狗狗 恶狗
未牵绳 不牵绳 不拴绳 冇拖绳 冇绳 不拴 唔拖绳 放养 没牵绳
粪便 屎 狗屎 大便 屎尿
伤人 咬人 咬咗 咬到 咬了 被咬 追人
流浪猫 野猫 猫
广场舞 跳舞 大妈跳舞 跳广场舞
卡拉ok k歌 唱歌 唱k 卡拉 音箱 喇叭
摊贩 走鬼 摆摊 小贩 流动摊档 摆卖 走鬼档 地摊 流动档 流动摊 占道经营 档口 摆档
油烟 油烟味 煮食烟 炒菜烟 烟味 呛人 抽油烟
餐饮店 饭店 餐馆 大排档 烧烤 食肆 宵夜档 烧烤档 餐厅 酒楼 大牌档 饮食店
施工 开工 动工 打桩 地盘 工地 电钻 钻 打钻 挖路 掘路 围蔽
装修 装修佬 装修队 敲墙 拆墙 砸墙
夜间 半夜 夜晚 晚上 深夜 凌晨 三更 半夜三更 夜晚黑 夜麻麻 通宵 夜里
违法建设 违建 僭建 加建 搭建 乱搭 私搭 违章建筑 乱搭乱建 搭棚 加盖 私自搭 铁皮房 铁皮屋
天台 楼顶 屋顶 顶楼 房顶
高空抛物 楼上扔 楼上丢 扔东西 丢东西 楼上掉 掟嘢 掟落 楼上抌 抌落 扔下来 丢下来 掟 抛下
脱落 掉下来 跌落 剥落 掉皮 跌落来 松脱 掉了 掉砖 跌嘢
外墙 墙皮 瓷片 外墙砖 瓷砖 外立面 墙砖
消防通道 走火通道 逃生通道 救生通道 消防车通道 走火梯 逃生门 安全出口 走火 救护车 救火 消防车 火烛 后楼梯
消防设施 消防栓 灭火器 灭火筒 消火栓 喉辘 消防水 烟感 喷淋
楼道 走廊 梯间 楼梯 楼梯间 楼梯口 过道
堆放 堆满 摆满 放满 堆 杂物 摆到 烂嘢 堆住 摆晒 堆晒
占用 霸住 霸占 占住 霸 占道 挡住 阻住 拦住 挡 堵住出口 霸晒 占了
河涌 涌 臭水沟 河道 河 涌边 河边
儿童 小朋友 细路 小孩 孩子 细蚊仔 孙子 孙女 个仔 个女 细佬仔
老年人 老人 阿伯 阿婆 老人家 长者 老豆 老母 爷爷 奶奶 公公 婆婆
残疾人 坐轮椅 轮椅 残疾 无障碍 行动不便
学位 读书 入学 报名 学校名额 招生
幼儿园 幼稚园 托儿所 托儿
学校 返学 上学 放学 校门口 接送
门禁 大门锁 闸门 闸 门锁 刷卡 大门 防盗门 对讲 对讲机 可视门铃 电子门
监控 摄像头 天眼 cam 摄影机 镜头
快递柜 快递 包裹 丰巢 快递架
通信 手机信号 信号 基站 上网 网络 宽带 wifi 冇信号 网 打不通
医疗保险 医保 社保卡 报销
养老金 退休金 社保 养老保险
工资 人工 薪水 欠薪 血汗钱 粮 出粮 拖欠
股份分红 分红 股份 股份社 村股
宅基地 屋地 地皮
祠堂 宗祠
丧葬 山坟 坟 白事 纸钱 烧纸 烧衣
扬尘 灰尘 灰大 尘 好大尘 泥尘 粉尘
建筑垃圾 泥头 装修垃圾 余泥 砖头 沙石 渣土
渣土车 泥头车 泥头工程车
僵尸车 废车 烂车 死车 冇人要 废弃车 长期停放
交通信号灯 红绿灯 红灯 绿灯 信号灯 灯位
斑马线 人行横道 过马路 过街
人行道 行人路 行人道 人行路
路面 马路 条路 路 地面 地砖 沥青 凹凸不平 坑洼 窿 氹 坑 地陷 塌陷
坍塌 冧咗 塌 下陷 沉降 陷落
盗窃 偷 俾人偷 被偷 小偷 贼 偷车 偷嘢 不见了 唔见咗 失窃
诈骗 骗 呃 被骗 呃人 呃钱 传销
公共厕所 公厕 厕所 洗手间
水压 水细 水小 水好细 水流小 好细水 冇水上 上不来水
水质 水黄 黄水 浑浊 水浊 水污糟 铁锈 黄色 水好黄 浑
二次供水 水箱 水池 水塔
燃气 煤气 天然气 管道气 石油气
公交站 巴士站 公车站 车站 候车亭
公交 巴士 公车 班车
电线 电缆 线 电线杆 线缆 网线 乱拉 蜘蛛网 电箱 电表箱 电柜
广告牌 招牌 灯箱 小广告 牛皮癣 招纸
出租屋 租客 租房 群租 合租 劏房 出租房 二房东 租
养老服务 饭堂 长者饭堂 食堂 助餐 送餐 陪护
健身器材 健身 双杠 单杠 运动器材 健身设施
球场 篮球场 打波 打球 波场
公园 花园 游乐场 滑梯 秋千
绿化 花草 草地 草坪 草 花坛 绿化带 种菜 菜地
污水 脏水 粪水 屎水 黑水 废水
排放 排污 偷排 乱排 直排
厂房 工厂 厂 作坊 车间
收费 收钱 贵 涨价 加价 乱收 收得贵 收咁贵 收多咗
退还 退钱 退款 唔退 不退 拿回
房产证 办证 房证 产权证
分摊 夹钱 出钱 集资 均摊 谁出钱 分担 分账
年检 检验 检测 验 安检
邻里纠纷 楼上 隔篱 邻居 隔壁 隔离屋 上面那家 对门
阳台 露台 窗台 花盆 晾衫 晾衣
护栏 栏杆 围栏 围墙 铁栏 扶手
标识 路牌 门牌 指示牌 标线 划线 牌
车速 开得快 飙车 超速 飞车 快到
逆行 乱冲 乱窜 横冲直撞
外卖员 送外卖 外卖 骑手 外卖仔
地下车库 车库 地库 负一楼 负一层 地下停车场 停车场
出入口 出口 入口 门口 路口 进出 出入
图书馆 图书室 看书 书屋
集市 市场 街市 菜市场 肉菜市场 农贸市场
雨水口 水篦 雨水篦 雨水井 渠口 水篦子 集水井
缺失 没盖 冇盖 没了 唔见 丢了 冇咗 没有盖 少了
盲道 盲人 凸点 视力不好 睇唔到 盲人路
线路 改道 转车 绕路 不停站 那趟车 几路车 班次
停车费 月保 月租 停车钱 泊车费 车位费 停车收费
上锁 锁死 锁住 锁咗 锁上 锁着 链住
电池 电瓶 电芯
空调 冷气 空调水 冷凝水 外机 空调机 冷气机
大件垃圾 家具 床垫 沙发 梳化 雪柜 旧家电 大件 衣柜 冰箱 旧家具 废旧家具
风机 风扇 大风扇 抽风 排风 排气扇 排风机 抽风机
养护 枯死 干死 死咗 浇水 淋水 枯黄 光秃秃
运营商 电信 移动 联通 装一家 只能装
照料 独居 一个人住 看护 照顾 冇人睇 没人看 日托
救助 低保 困难 帮扶 欠债 欠一身债 补贴 补助 津贴 帮下 申请钱
推销 听课 讲课 领鸡蛋 保健品 洗脑 派鸡蛋 养生馆
边界 界线 界桩 界石 多占 过界 权属
吠叫 狗叫 吠 狗吠 叫个不停 汪汪
家禽 养鸡 公鸡 鸡叫 养鸭 鸡 鸽子 养鸽 鹅
棋牌室 麻将 打牌 打麻雀 麻雀 麻将馆 打麻将
爆裂 爆管 爆水管 爆咗 爆开 水喉 喉管 水管 喷水
水费 水单 水表 抄表 走表
电费 电单 电表
电压 灯闪 电压低 带不动 一闪一闪
水泵 泵房 加压 泵
泔水 潲水 餐厨
挪车 移车 堵住车 出不去 出唔去 开不出来 叫车主
烟花爆竹 烟花 爆竹 炮仗 烧炮 放炮 鞭炮
汽修店 修车 洗车 洗车店 汽修 喷漆 油漆味
仓库 货仓
危房 旧屋 烂屋 快塌 老屋 旧房 破房子
垃圾站 中转站 压缩站 垃圾中转
调解 讲和 协调 评评理 劝
精神障碍 精神病 发癫 疯 黐线 发疯
流浪人员 乞丐 乞儿 露宿 瞓街 睡桥底
赌博 赌 赌钱 开赌
就业 找工 搵工 失业 招工 找工作 冇工开 下岗
营业执照 开店 执照 牌照 无证
退役军人 当兵 退伍 优待证 复员
托管 暑假 没人带 冇人凑 带孩子 暑托
文化活动 演出 睇戏 粤剧 醒狮 龙舟 晚会 看电影
游泳 泳池 游水 野泳
蜂窝 马蜂 黄蜂 蜂 胡蜂
红火蚁 蚂蚁 蚁
杂草 除草 野草 草好高 草太高 长草
落叶 树叶 叶子 掉叶
暴雨 落雨 落大雨 下雨 下大雨 大雨 打风 台风 水大
交付 收楼 交楼 验楼 交房
征收 拆迁 拆 赔偿 补偿 旧改 赔
户口 入户 迁户 落户
疫苗 打针 打疫苗 预防针
卫生站 社区医院 睇病 看病 诊所 挂号 医院 复诊
减速带 减速 减速坡
货车 大货车 大车 重车 挂车 拖头
反光 反射 晃眼 刺眼 光污染 射住
电动车进电梯 推进电梯 推车入𨋢 推车上楼 推上楼 推入电梯
上楼 拎上楼 搬上楼 提上楼
拆除 拆走 拆了 拆咗
倒车 撞 剐蹭 刮花 撞到 撞上
积灰 打扫 扫 没人扫 冇人扫 清洁 保洁 污糟 邋遢 脏 肮脏
安保 保安 门卫 看更 巡逻
漏电 麻手 触电 电到
垃圾焚烧 烧垃圾 烧嘢 烧 焚烧
灰水 泥浆 泥水 黄泥
隔音 楼板 脚步声 拖凳 拖椅 踢踏
震动 震 抖 摇晃 晃
开裂 裂 爆裂缝 裂开咗
滑倒 滑 跣 跌亲 摔 摔倒 仆 绊 绊倒 跣脚
老旧小区 旧小区 旧楼 老楼 老小区 旧改小区
异响 怪声 响声 咯吱 吱吱 哐当 咣当 嘎吱
撤场交接 换物业 新物业 旧物业 撤场 走人 交接 移交
辐射 有辐射
活动室 活动中心 文化室 老人活动 星光老人之家
借阅 借书 还书
押金 按金 租金
中介 地产中介 黑中介
乱扔 乱丢 乱掟 乱倒 随地 偷倒
乱停乱放 乱放 乱摆 随便停 横放
高音喇叭 大喇叭 叫卖
车祸 撞车 事故 撞到人
排烟 烟囱 排烟口 烟管
消毒 杀虫 喷药 灭蚊 打药
热水 冲凉
线路老化 跳火 火花
倒塌 塌咗 冧墙
沙井 沙井口
老年人优待 老人卡 老年卡 乘车卡 高龄津贴
社工 义工 志愿者
校车 接送车
食品安全 拉肚子 过期食品 卫生差 苍蝇 唔干净 不干净
预付卡 办卡 充值 健身卡 卷款 跑路
咨询 想问 问下 请问 想了解 点样 怎么算
透明 黑箱 唔公开 不公开 冇公布 从来冇见过 没公示 一笔糊涂账
垄断 只让 不准 唔准 不让
擅自 偷偷 冇问过 没问过 没征求 贴张纸 自己改
遮挡 遮住 挡光 遮光 采光 黑晒
"""
"""The office's word first, what is said for it after it; one that has more than a line of them has several."""


def _table(text: str) -> dict[str, str]:
    rows = (line.split() for line in text.split("\n") if line)
    return {normalise(word): normalise(meaning) for meaning, *words in rows for word in words if word != meaning}


DEFAULT_WORDS: Final = _table(_TABLE)
"""What the product knows."""

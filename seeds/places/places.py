"""Communities, the 28 places that the sources name, and generated ones, so that every leader has a place."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from communities.models import Building, Community, Neighbourhood, NeighbourhoodKind, SubDistrict
from communities.naming import initials
from seeds.places.names import english_name
from seeds.places.tables import rows

BUILDING_LEADERS: Final = 2186

_STREET_LEADERS_PINGDONG: Final = 6
_DWELLED: Final = frozenset({"estate", "village"})
_SHARE: Final = {"urban": 11, "rural": 9}

_ESTATES: Final = (
    "翠竹苑 康怡居 景晖花园 朝晖苑 聚贤里 荔湾居 榕荫苑 桂香居 锦绣里 雅苑 丽晴轩 海棠苑 兰亭居 福安苑 和顺里 "
    "宁馨苑 百合苑 金桂园 银杏居 紫荆苑 悦和轩 恒安里 东升苑 西园居 南苑新村 北岸轩 云影苑 晴川居 听雨轩 望江居 "
    "书香苑 文华里 育秀苑 明德居 仁和苑 礼和里 清风苑 明月居 松涛苑 竹韵轩 梅园居 菊香苑 青云里 永乐苑 长春居 "
    "康乐苑 安居里 众乐苑 同乐居 向阳苑 迎春里 万福居 顺景苑 祥和里 如意苑 吉祥居 丰泽苑 润泽里 碧波轩 澄湖居"
).split()
_LANES: Final = "一巷 二巷 三巷 四巷 五巷 六巷".split()
_XIADONG_LANES: Final = ("涌口三巷", "二洲二巷", "五房沙三巷", "孔溪南巷")
_PINGDONG_STREETS: Final = ("江表中街", "江表下街", "平东旧街", "玉器北街", "新石旧街")
_ODD_STREETS: Final = "东便街 西便街 南便街 北便街 中和街 大宗街 新基街 沙基街".split()


@dataclass
class Places:
    """What was loaded, by name, and who is to hold what."""

    subdistrict: SubDistrict
    communities: dict[str, Community]
    neighbourhoods: dict[tuple[str, str], Neighbourhood] = field(default_factory=dict)
    buildings: dict[tuple[str, str, str], Building] = field(default_factory=dict)
    building_leaders: dict[str, int] = field(default_factory=dict)


def load_places() -> Places:
    """The sub-district with all its places; only what is missing is written."""
    subdistrict, _created = SubDistrict.objects.get_or_create(
        code="GUICHENG",
        defaults={"area": "桂城", "name_zh": "桂城街道", "name_en": "Guicheng", "duty_phone": "0757-0000 1200"},
    )
    communities = _load_communities(subdistrict)
    places = Places(subdistrict, communities, building_leaders=_shares(communities))
    wanted: list[Neighbourhood] = _named(subdistrict, communities)
    for name, community in communities.items():
        wanted += _generated(community, [place for place in wanted if place.community == community])
        wanted += _lanes_and_streets(name, community)
    _load_neighbourhoods(places, wanted)
    _load_buildings(places)
    return places


def _load_communities(subdistrict: SubDistrict) -> dict[str, Community]:
    present = set(subdistrict.communities.values_list("name_zh", flat=True))
    Community.objects.bulk_create(
        Community(
            subdistrict=subdistrict,
            name_zh=row["name"],
            name_en=f"{english_name(row['name'].removesuffix('社区'))} Community",
            kind=row["kind"],
            kind_inferred=row["kind_source"] == "inferred",
            code=row["code"] or None,
            phone=f"0757-0000 {2001 + number * 7}",
            address=f"{row['name']}党群服务中心",
            initials=initials(row["name"]),
        )
        for number, row in enumerate(rows("communities"))
        if row["name"] not in present
    )
    return {community.name_zh: community for community in subdistrict.communities.order_by("id")}


def _named(subdistrict: SubDistrict, communities: dict[str, Community]) -> list[Neighbourhood]:
    return [
        Neighbourhood(
            subdistrict=subdistrict,
            community=communities[row["community"]] if row["community"] else None,
            name=row["name"],
            kind=row["kind"],
            initials=initials(row["name"]),
        )
        for row in rows("neighbourhoods")
    ]


def _shares(communities: dict[str, Community]) -> dict[str, int]:
    """How many building leaders each community has; together BUILDING_LEADERS."""
    weights = {name: _SHARE[community.kind] for name, community in communities.items()}
    total, given, shares = sum(weights.values()), 0, {}
    for name, weight in weights.items():
        shares[name] = BUILDING_LEADERS * weight // total
        given += shares[name]
    for name in list(shares)[: BUILDING_LEADERS - given]:
        shares[name] += 1
    return shares


def _generated(community: Community, named: list[Neighbourhood]) -> list[Neighbourhood]:
    """Estates enough to give every leader a building: about nine buildings to an estate."""
    dwelled = sum(place.kind in _DWELLED for place in named)
    names = Random(f"estates of {community.name_zh}").sample(_ESTATES, max(2, 5 - dwelled))
    return [_place(community, name, NeighbourhoodKind.ESTATE) for name in names]


def _place(community: Community, name: str, kind: NeighbourhoodKind) -> Neighbourhood:
    return Neighbourhood(
        subdistrict=community.subdistrict,
        community=community,
        name=name,
        kind=kind,
        initials=initials(name),
        generated=True,
    )


def _lanes_and_streets(name: str, community: Community) -> list[Neighbourhood]:
    base = name.removesuffix("社区")
    lanes: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    if name == "夏东社区":
        lanes = _XIADONG_LANES
    elif base in ("平东", "夏西", "夏南一", "叠北", "石肯"):
        lanes = tuple(f"{base}{lane}" for lane in _LANES[:4])
    if name == "平东社区":
        streets = _PINGDONG_STREETS
    elif base in ("平西", "平南", "夏北", "林岳", "雷岗", "凤鸣", "叠南"):
        streets = tuple(f"{base}{street}" for street in Random(f"streets of {name}").sample(_ODD_STREETS, 2))
    return [_place(community, lane, NeighbourhoodKind.LANE) for lane in lanes] + [
        _place(community, street, NeighbourhoodKind.STREET_BLOCK) for street in streets
    ]


def _load_neighbourhoods(places: Places, wanted: list[Neighbourhood]) -> None:
    subdistrict = places.subdistrict
    present = set(subdistrict.neighbourhoods.values_list("community_id", "name"))
    Neighbourhood.objects.bulk_create(place for place in wanted if (place.community_id, place.name) not in present)
    for place in subdistrict.neighbourhoods.select_related("community").order_by("id"):
        places.neighbourhoods[(place.community.name_zh if place.community else "", place.name)] = place


def _load_buildings(places: Places) -> None:
    """A tenth more buildings than leaders, so that some leaders hold two."""
    subdistrict_id = places.subdistrict.pk
    present = set(
        Building.objects.filter(community__subdistrict_id=subdistrict_id).values_list("neighbourhood_id", "name")
    )
    wanted: list[Building] = []
    for name, community in places.communities.items():
        dwelled = [
            place for (owner, _), place in places.neighbourhoods.items() if owner == name and place.kind in _DWELLED
        ]
        wanted += _buildings_of(community, dwelled, round(places.building_leaders[name] * 1.1))
    Building.objects.bulk_create(
        (building for building in wanted if (building.neighbourhood_id, building.name) not in present), batch_size=1000
    )
    found = Building.objects.filter(community__subdistrict_id=subdistrict_id)
    for building in found.select_related("neighbourhood", "community").order_by("id"):
        key = (building.community.name_zh, building.neighbourhood.name, building.name)
        places.buildings[key] = building


def _buildings_of(community: Community, dwelled: list[Neighbourhood], count: int) -> list[Building]:
    random = Random(f"buildings of {community.name_zh}")
    found = []
    for number in range(count):
        place = dwelled[number % len(dwelled)]
        serial = number // len(dwelled) + 1
        name = f"{serial}栋" if place.kind == NeighbourhoodKind.ESTATE else f"{serial}号楼"
        households = 86 if (place.name, serial) == ("碧湖花园", 3) else random.randrange(24, 133, 2)
        found.append(Building(neighbourhood=place, community=community, name=name, households=households))
    return found

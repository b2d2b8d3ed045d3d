"""Where a generated matter happens."""

from dataclasses import dataclass
from random import Random
from typing import Final

from communities.models import Building, CommunityKind, NeighbourhoodKind
from seeds.demonstration.cast import Cast

_SPOTS: Final = {
    "estate": "北门旁 中心花园 地下车库出口 儿童乐园旁 快递柜旁 西侧围墙边 东门岗亭前 连廊下".split(),
    "village": "牌坊旁 祠堂前 榕树头 村口桥边 文化室门口 市场后门 鱼塘边 小卖部对面".split(),
    "street": "公交站旁 小学门口 银行门前 十字路口 药店对面 菜市场东门 加油站旁 桥头 天桥底 邮政所门前".split(),
}
_VILLAGES: Final = "旧村 新村 东坊 西坊 南坊 大社".split()
_STREETS: Final = "大街 中路 北路 新街 直街 东路 南二路".split()
_VILLAGE_KINDS: Final = frozenset(
    {NeighbourhoodKind.VILLAGE, NeighbourhoodKind.LANE, NeighbourhoodKind.STREET_BLOCK, NeighbourhoodKind.COOP_GROUP}
)
_STREET_KINDS: Final = frozenset({NeighbourhoodKind.ROAD, NeighbourhoodKind.MARKET})


@dataclass(frozen=True, slots=True)
class Setting:
    """A place as the texts name it and as the issue's row holds it."""

    community: str
    area: str
    spot: str
    address: str = ""
    neighbourhood_id: int | None = None
    building: Building | None = None

    @property
    def building_number(self) -> str:
        """The number of the building, "" where there is none."""
        return "".join(sign for sign in self.building.name if sign.isdigit()) if self.building else ""


def setting(cast: Cast, community: str, where: str, random: Random, *, with_building: bool) -> Setting:
    """A place in the community: ``where`` is estate, village, street, or "" for whatever suits the community."""
    rural = cast.communities[community].kind == CommunityKind.RURAL
    where = where or random.choice(("village", "street") if rural else ("estate", "street"))
    spot = random.choice(_SPOTS[where])
    if where == "estate":
        return _in_estate(cast, community, spot, random, with_building=with_building)
    kinds, made_up = (_VILLAGE_KINDS, _VILLAGES) if where == "village" else (_STREET_KINDS, _STREETS)
    known = [
        place for (owner, _), place in cast.places.neighbourhoods.items() if owner == community and place.kind in kinds
    ]
    if known:
        place = random.choice(known)
        return Setting(community, place.name, spot, f"{place.name}{spot}", place.pk)
    area = community.removesuffix("社区") + random.choice(made_up)
    return Setting(community, area, spot, f"{area}{spot}")


def _in_estate(cast: Cast, community: str, spot: str, random: Random, *, with_building: bool) -> Setting:
    estates = [
        place
        for (owner, _), place in cast.places.neighbourhoods.items()
        if owner == community and place.kind == NeighbourhoodKind.ESTATE
    ]
    place = random.choice(estates)
    if not with_building:
        return Setting(community, place.name, spot, f"{place.name}{spot}", place.pk)
    buildings = [
        building
        for (owner, name, _), building in cast.places.buildings.items()
        if owner == community and name == place.name
    ]
    return Setting(community, place.name, spot, "", place.pk, random.choice(buildings))

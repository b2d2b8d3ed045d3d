"""The photographs of the demonstration: drawn, so that nobody's street, house or face is shown.

Every scene has a picture ``before`` and one ``after`` the work. Coordinates are in 320 × 240, the picture is drawn
four times as large and made smaller by half, so that edges are smooth. Always the same bytes for the same name. Pure.
"""

from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

_SCALE: Final = 4
_SIZE: Final = (320, 240)
_QUALITY: Final = 78

Colour = tuple[int, int, int]
Point = tuple[float, float]

_SKY: Final = (206, 224, 235)
_GREY_SKY: Final = (186, 196, 204)
_NIGHT: Final = (34, 42, 62)
_ROAD: Final = (128, 130, 133)
_PAVING: Final = (196, 190, 180)
_WALL: Final = (222, 208, 184)
_BRICK: Final = (188, 140, 116)
_LEAF: Final = (92, 142, 84)
_DARK_LEAF: Final = (66, 112, 66)
_WOOD: Final = (122, 92, 66)
_WATER: Final = (142, 152, 146)
_STEEL: Final = (92, 100, 110)
_WHITE: Final = (244, 243, 238)
_ORANGE: Final = (226, 120, 44)
_LAMP: Final = (255, 224, 142)


class Canvas:
    """A picture under way, in small coordinates."""

    def __init__(self, name: str, sky: Colour) -> None:
        self.random = Random(name)
        self._image = Image.new("RGB", (_SIZE[0] * _SCALE, _SIZE[1] * _SCALE), sky)
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, *, radius: float = 0) -> None:
        """A rectangle."""
        corners = [left * _SCALE, top * _SCALE, right * _SCALE, bottom * _SCALE]
        self._draw.rounded_rectangle(corners, radius * _SCALE, fill=fill)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        """A polygon."""
        self._draw.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=fill)

    def round(  # noqa: PLR0917 (a place, a size, a colour: as the library that draws has it)
        self, x: float, y: float, wide: float, high: float, fill: Colour, alpha: int = 255
    ) -> None:
        """An ellipse about its centre."""
        corners = [(x - wide) * _SCALE, (y - high) * _SCALE, (x + wide) * _SCALE, (y + high) * _SCALE]
        self._draw.ellipse(corners, fill=(*fill, alpha))

    def line(self, points: Sequence[Point], fill: Colour, width: float = 1) -> None:
        """A line through the points."""
        self._draw.line([(x * _SCALE, y * _SCALE) for x, y in points], fill, round(width * _SCALE), joint="curve")

    def jpeg(self) -> bytes:
        """The finished picture."""
        half = (_SIZE[0] * _SCALE // 2, _SIZE[1] * _SCALE // 2)
        out = BytesIO()
        soft = self._image.resize(half, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.4))
        soft.save(out, "JPEG", quality=_QUALITY, optimize=True)
        return out.getvalue()


# What several scenes stand in


def _houses(canvas: Canvas, *, lit: bool = False) -> None:
    """A lane between two rows of houses, seen along its middle."""
    for side in (0, 320):
        towards = 1 if side == 0 else -1
        for number, colour in enumerate((_WALL, _BRICK, _WHITE)):
            near, far = side + towards * number * 42, side + towards * (number + 1) * 42
            top, next_top = 18 + number * 22, 18 + (number + 1) * 22
            bottom, next_bottom = 236 - number * 34, 236 - (number + 1) * 34
            shade = tuple(round(part * (0.38 if lit else 1 - 0.05 * number)) for part in colour)
            canvas.shape([(near, top), (far, next_top), (far, next_bottom), (near, bottom)], shade)  # type: ignore[arg-type]
            middle, height = (near + far) / 2, bottom - top
            for floor in (0.25, 0.55):
                pane = _LAMP if lit and canvas.random.random() < 0.4 else (112, 134, 150)
                y = top + 14 + height * floor
                canvas.shape(
                    [(middle - 8, y), (middle + 8, y + towards * 3), (middle + 8, y + 20), (middle - 8, y + 20)], pane
                )


def _lane(canvas: Canvas, surface: Colour = _ROAD) -> None:
    canvas.shape([(0, 240), (0, 236), (126, 134), (194, 134), (320, 236), (320, 240)], surface)
    canvas.line([(0, 236), (126, 134)], (150, 150, 148), 2)
    canvas.line([(320, 236), (194, 134)], (150, 150, 148), 2)


def _street(canvas: Canvas) -> None:
    """A street with a pavement in front and a low wall behind."""
    canvas.box(0, 84, 320, 118, _WALL)
    for x in range(0, 320, 40):
        canvas.box(x, 84, x + 1, 118, (206, 192, 168))
    canvas.box(0, 118, 320, 160, _PAVING)
    for x in range(-60, 360, 22):
        canvas.line([(x + 18, 118), (x, 160)], (180, 174, 164), 0.7)
    canvas.box(0, 160, 320, 166, (164, 162, 158))
    canvas.box(0, 166, 320, 240, _ROAD)
    for x in range(8, 320, 62):
        canvas.box(x, 202, x + 34, 206, _WHITE)


def _tree(canvas: Canvas, x: float, foot: float, size: float, *, bare: bool = False, lean: float = 0) -> None:
    top = foot - size * 1.5
    canvas.shape([(x - 4, foot), (x + 4, foot), (x + 2 + lean, top), (x - 2 + lean, top)], _WOOD)
    if bare:
        for number in range(7):
            bend = (number - 3) * size * 0.22
            canvas.line([(x + lean, top + size * 0.3), (x + lean + bend, top - size * 0.4)], _WOOD, 1.4)
        return
    for number in range(16):
        dx, dy = canvas.random.uniform(-0.75, 0.75) * size, canvas.random.uniform(-0.6, 0.4) * size
        fill = _LEAF if number % 2 else _DARK_LEAF
        canvas.round(x + lean + dx, top + dy, size * 0.34, size * 0.28, fill)


def _car(canvas: Canvas, x: float, y: float, fill: Colour, size: float = 1) -> None:
    canvas.box(x, y - 20 * size, x + 74 * size, y - 4 * size, fill, radius=5 * size)
    roof = [(x + 14 * size, y - 19 * size), (x + 23 * size, y - 34 * size), (x + 52 * size, y - 34 * size)]
    canvas.shape([*roof, (x + 63 * size, y - 19 * size)], fill)
    glass = [(x + 19 * size, y - 20 * size), (x + 26 * size, y - 31 * size), (x + 50 * size, y - 31 * size)]
    canvas.shape([*glass, (x + 58 * size, y - 20 * size)], (70, 86, 98))
    for wheel in (17, 57):
        canvas.round(x + wheel * size, y - 4 * size, 7 * size, 7 * size, (44, 46, 50))
        canvas.round(x + wheel * size, y - 4 * size, 3 * size, 3 * size, (150, 152, 156))


def _bike(canvas: Canvas, x: float, y: float, fill: Colour) -> None:
    for wheel in (0, 26):
        canvas.round(x + wheel, y, 8, 8, (48, 50, 54))
        canvas.round(x + wheel, y, 4, 4, (168, 170, 172))
    canvas.shape(
        [(x - 2, y - 6), (x + 20, y - 6), (x + 24, y - 22), (x + 20, y - 22), (x + 14, y - 12), (x, y - 14)], fill
    )
    canvas.box(x - 4, y - 17, x + 10, y - 13, (54, 54, 58), radius=2)
    canvas.line([(x + 25, y - 3), (x + 20, y - 26), (x + 14, y - 27)], (54, 54, 58), 2)


def _cones(canvas: Canvas, places: Sequence[Point]) -> None:
    for x, y in places:
        canvas.shape([(x - 6, y), (x + 6, y), (x + 1.5, y - 20), (x - 1.5, y - 20)], _ORANGE)
        canvas.shape([(x - 4, y - 7), (x + 4, y - 7), (x + 3, y - 12), (x - 3, y - 12)], _WHITE)
        canvas.box(x - 8, y - 1, x + 8, y + 1.5, (60, 60, 62))


def _bags(canvas: Canvas, x: float, y: float, count: int) -> None:
    colours = [(58, 60, 66), (92, 112, 140), (206, 204, 196), (150, 108, 72), (64, 96, 78)]
    for number in range(count):
        dx, dy = canvas.random.uniform(-44, 44), canvas.random.uniform(-16, 12)
        size = canvas.random.uniform(8, 15)
        canvas.round(x + dx, y + dy, size, size * 0.8, colours[number % len(colours)])
        canvas.round(x + dx, y + dy - size * 0.8, 2.4, 3, colours[number % len(colours)])


# The scenes


def _flooding(canvas: Canvas, done: bool) -> None:
    """A lane under water; the same lane dry."""
    _houses(canvas)
    _lane(canvas, _ROAD if done else _WATER)
    if done:
        for gully in (96, 224):
            canvas.box(gully - 13, 186, gully + 13, 195, (66, 68, 72), radius=1)
            for slot in range(gully - 10, gully + 11, 4):
                canvas.box(slot, 187, slot + 1.6, 194, (150, 152, 154))
        canvas.round(170, 216, 30, 4, (112, 116, 120), 160)
        return
    for _number in range(26):
        y = canvas.random.uniform(142, 234)
        half = 20 + (y - 134) * 1.1
        x = 160 + canvas.random.uniform(-half, half)
        canvas.round(x, y, 14, 1.6, (182, 192, 188), 150)
    _bike(canvas, 120, 196, (184, 66, 58))
    canvas.round(134, 201, 34, 6, _WATER)
    for _number in range(70):
        x, y = canvas.random.uniform(0, 320), canvas.random.uniform(0, 200)
        canvas.line([(x, y), (x - 3, y + 12)], (220, 228, 232), 0.5)


def _drain(canvas: Canvas, done: bool) -> None:
    """A gully full of leaves and mud; cleared and rinsed."""
    canvas.box(0, 0, 320, 70, _PAVING)
    for joint in range(0, 330, 46):
        canvas.line([(joint, 0), (joint - 8, 70)], (176, 170, 160), 1)
    canvas.box(0, 70, 320, 88, (170, 168, 164))
    canvas.box(0, 88, 320, 240, _ROAD)
    canvas.box(76, 100, 244, 190, (74, 76, 80), radius=3)
    for slot in range(84, 240, 14):
        canvas.box(slot, 107, slot + 7, 183, (34, 36, 40), radius=2)
    if done:
        canvas.round(60, 206, 40, 7, (110, 116, 122), 170)
        canvas.round(262, 210, 34, 6, (110, 116, 122), 170)
        return
    for number in range(90):
        x, y = canvas.random.gauss(160, 48), canvas.random.gauss(148, 26)
        fill = [(150, 112, 60), (112, 92, 58), (104, 122, 66), (180, 146, 78)][number % 4]
        canvas.round(x, y, canvas.random.uniform(4, 11), canvas.random.uniform(2, 5), fill)
    canvas.box(120, 120, 150, 134, (214, 220, 226), radius=4)
    canvas.box(186, 150, 206, 176, (184, 60, 56), radius=3)


def _manhole(canvas: Canvas, done: bool) -> None:
    """An open shaft behind cones; a new cover."""
    _houses(canvas)
    _lane(canvas)
    canvas.round(160, 196, 46, 18, (96, 98, 102))
    if done:
        canvas.round(160, 195, 40, 15, (66, 70, 76))
        for dx in range(-30, 31, 10):
            canvas.line([(160 + dx, 195 - 11), (160 + dx, 195 + 11)], (98, 102, 108), 1.2)
        for dy in (-6, 0, 6):
            canvas.line([(126, 195 + dy), (194, 195 + dy)], (98, 102, 108), 1.2)
        return
    canvas.round(160, 196, 40, 15, (22, 24, 28))
    canvas.shape([(118, 184), (208, 206), (206, 212), (116, 190)], (168, 132, 92))
    _cones(canvas, ((100, 206), (220, 206), (132, 222), (192, 224)))


def _rubbish(canvas: Canvas, done: bool) -> None:
    """Heaps at the foot of a wall; swept."""
    _street(canvas)
    _tree(canvas, 286, 122, 30)
    if done:
        canvas.box(36, 96, 86, 116, (232, 230, 222), radius=2)
        canvas.box(40, 101, 82, 104, (88, 140, 98))
        canvas.box(40, 108, 70, 110, (150, 152, 150))
        return
    _bags(canvas, 120, 142, 26)
    canvas.shape([(176, 152), (222, 152), (214, 104), (184, 106)], (176, 134, 92))
    canvas.box(56, 112, 92, 134, (152, 96, 74))
    canvas.shape([(196, 156), (250, 150), (252, 156), (198, 162)], (206, 200, 186))


def _bins(canvas: Canvas, done: bool) -> None:
    """Overflowing bins; a tidy sorting point under a roof."""
    _street(canvas)
    colours = [(64, 120, 82), (64, 100, 150), (184, 66, 58), (112, 114, 118)]
    if done:
        canvas.shape([(62, 52), (262, 52), (274, 64), (50, 64)], (86, 128, 118))
        for x in (66, 254):
            canvas.box(x, 64, x + 4, 146, _STEEL)
        canvas.box(240, 108, 262, 142, (226, 226, 222), radius=2)
    for number, fill in enumerate(colours):
        x = 84 + number * 38
        canvas.box(x, 104, x + 30, 146, fill, radius=3)
        canvas.box(x - 2, 98 if done else 94, x + 32, 105, tuple(part - 16 for part in fill), radius=2)  # type: ignore[arg-type]
    if not done:
        _bags(canvas, 160, 96, 12)
        _bags(canvas, 150, 154, 18)


def _trees(canvas: Canvas, done: bool) -> None:
    """A leaning tree in the wires; pruned and propped."""
    _street(canvas)
    for x in (24, 298):
        canvas.box(x, 16, x + 5, 120, (146, 142, 136))
    for y in (26, 34):
        canvas.line([(26, y), (160, y + 12), (300, y)], (52, 54, 58), 1)
    if done:
        _tree(canvas, 150, 126, 26)
        for x in (128, 172):
            canvas.line([(x, 126), (150, 98)], (172, 132, 88), 2.4)
        return
    _tree(canvas, 132, 126, 50, lean=34)
    canvas.line([(170, 62), (232, 26)], _WOOD, 3)
    for _number in range(10):
        canvas.round(222 + canvas.random.uniform(-18, 26), 30 + canvas.random.uniform(-14, 18), 13, 10, _DARK_LEAF)


def _pothole(canvas: Canvas, done: bool) -> None:
    """A hole in the carriageway; patched."""
    _street(canvas)
    if done:
        canvas.box(92, 178, 224, 222, (84, 86, 90), radius=2)
        canvas.line([(92, 178), (224, 178), (224, 222), (92, 222), (92, 178)], (60, 62, 66), 1)
        return
    for _number in range(16):
        x, y = canvas.random.gauss(158, 30), canvas.random.gauss(200, 8)
        canvas.round(x, y, canvas.random.uniform(12, 26), canvas.random.uniform(5, 9), (92, 86, 78))
    canvas.round(158, 202, 36, 9, (142, 148, 144))
    for start, end in (((60, 186), (118, 196)), ((206, 208), (276, 228)), ((196, 190), (240, 176))):
        canvas.line([start, end], (88, 90, 92), 1.2)
    _cones(canvas, ((92, 216), (236, 206)))


def _sign(canvas: Canvas, done: bool) -> None:
    """A sign behind leaves; free, with a mirror at the bend."""
    _street(canvas)
    canvas.box(150, 40, 155, 150, _STEEL)
    canvas.box(118, 34, 188, 62, (44, 92, 150), radius=3)
    canvas.shape([(130, 51), (130, 45), (160, 45), (160, 40), (174, 48), (160, 56), (160, 51)], _WHITE)
    if done:
        canvas.box(232, 60, 236, 150, _ORANGE)
        canvas.round(234, 56, 17, 17, _ORANGE)
        canvas.round(234, 56, 14, 14, (190, 208, 216))
        return
    _tree(canvas, 120, 124, 46, lean=22)


def _parking(canvas: Canvas, done: bool) -> None:
    """Cars on the pavement; posts, and bays on the street."""
    _street(canvas)
    cars = (((186, 66, 60), 20), ((228, 228, 226), 112), ((72, 94, 122), 206))
    if done:
        for x in range(14, 320, 28):
            canvas.box(x, 138, x + 5, 160, _STEEL, radius=2)
            canvas.box(x, 142, x + 5, 146, _ORANGE)
        for x in range(10, 320, 100):
            canvas.line([(x, 172), (x, 214), (x + 94, 214), (x + 94, 172)], _WHITE, 2)
        _car(canvas, 122, 206, cars[0][0])
        return
    for fill, x in cars:
        _car(canvas, x, 158, fill)
    _car(canvas, 66, 222, (154, 158, 162))


def _charging(canvas: Canvas, done: bool) -> None:
    """Leads hanging out of windows over e-bikes; a charging shed."""
    colours = [(184, 66, 58), (64, 100, 150), (88, 132, 96), (206, 160, 66), (96, 92, 110)]
    if done:
        _street(canvas)
        canvas.shape([(22, 54), (300, 46), (306, 62), (16, 70)], (86, 128, 118))
        for x in (34, 120, 206, 286):
            canvas.box(x, 64, x + 4, 152, _STEEL)
        for number, x in enumerate(range(46, 280, 50)):
            canvas.box(x + 8, 86, x + 22, 106, (236, 236, 232), radius=2)
            canvas.round(x + 15, 92, 2, 2, (76, 160, 92))
            _bike(canvas, x + 2, 146, colours[number % 5])
        canvas.box(290, 100, 300, 128, (190, 54, 48), radius=3)
        return
    canvas.box(0, 0, 320, 176, _WALL)
    canvas.box(0, 176, 320, 240, _PAVING)
    for y in (20, 84):
        for x in (34, 134, 234):
            canvas.box(x, y, x + 52, y + 42, (104, 126, 142), radius=1)
            canvas.line([(x + 26, y), (x + 26, y + 42)], _WHITE, 2)
    for number in range(5):
        x = 60 + number * 48
        bend = canvas.random.uniform(-26, 26)
        canvas.line(
            [(x, 60 if number % 2 else 124), (x + bend, 150), (x + 6, 196)],
            _ORANGE if number % 2 else (40, 40, 44),
            1.6,
        )
        _bike(canvas, x - 14, 206, colours[number])


def _corridor(canvas: Canvas, done: bool) -> None:
    """A stairway full of things; cleared."""
    canvas.box(0, 0, 320, 240, (226, 222, 212))
    canvas.shape([(0, 240), (96, 150), (224, 150), (320, 240)], (178, 172, 164))
    canvas.shape([(96, 150), (96, 40), (224, 40), (224, 150)], (206, 202, 192))
    for number in range(7):
        canvas.box(126, 136 - number * 13, 210 - number * 6, 149 - number * 13, (160 + number * 7,) * 3)
    canvas.box(20, 70, 62, 200, (132, 92, 68))
    canvas.box(52, 132, 57, 138, _LAMP)
    canvas.box(272, 96, 288, 128, (190, 54, 48), radius=2)
    if done:
        canvas.line([(96, 226), (232, 226)], (214, 176, 62), 3)
        return
    canvas.box(168, 112, 236, 206, (150, 110, 76))
    canvas.line([(202, 112), (202, 206)], (116, 82, 56), 1.4)
    canvas.box(226, 150, 288, 216, (232, 232, 230), radius=2)
    canvas.round(257, 186, 19, 19, (120, 140, 152))
    for x, y in ((92, 188), (118, 206), (82, 214)):
        canvas.box(x, y - 22, x + 34, y, (188, 152, 106))


def _lamp(canvas: Canvas, done: bool) -> None:
    """A dark lane; the lamps burn."""
    _houses(canvas, lit=True)
    _lane(canvas, (70, 74, 84) if done else (40, 44, 54))
    for x, foot, size in ((92, 196, 1.0), (228, 196, 1.0), (124, 150, 0.5), (196, 150, 0.5)):
        top = foot - 116 * size
        if done:
            for wide in (36, 26, 16):
                canvas.round(x, top + 6, wide * size, wide * size, _LAMP, 46)
            canvas.round(x, foot, 40 * size, 9 * size, _LAMP, 70)
        canvas.box(x - 1.6 * size, top, x + 1.6 * size, foot, (96, 102, 112))
        canvas.round(x, top, 6 * size, 4 * size, _LAMP if done else (62, 66, 76))


def _park(canvas: Canvas, done: bool) -> None:
    """A slide with a broken step and a bench without a board; mended."""
    canvas.box(0, 110, 320, 240, (146, 176, 116))
    canvas.shape([(0, 240), (120, 150), (220, 150), (320, 240)], (206, 188, 156))
    for x, size in ((30, 34), (290, 40), (214, 24)):
        _tree(canvas, x, 128, size)
    canvas.box(70, 96, 76, 196, _STEEL)
    canvas.box(104, 96, 110, 196, _STEEL)
    canvas.box(66, 92, 114, 99, (206, 160, 66))
    canvas.shape([(112, 94), (118, 94), (196, 190), (186, 194)], (184, 66, 58) if done else (150, 106, 98))
    for y in (116, 136, 156, 176):
        if done or y != 156:
            canvas.box(74, y, 106, y + 4, (160, 164, 168))
    canvas.box(224, 182, 296, 188, _WOOD)
    if done:
        canvas.box(224, 166, 296, 172, _WOOD)
    else:
        canvas.line([(226, 172), (262, 196)], _WOOD, 4)
    for x in (232, 286):
        canvas.box(x, 168, x + 4, 204, (76, 80, 86))


def _valve(canvas: Canvas, done: bool) -> None:
    """A gas riser with tape around; a new valve."""
    canvas.box(0, 0, 320, 240, (214, 208, 196))
    for y in range(0, 240, 24):
        for x in range(-20 if y % 48 else 0, 320, 44):
            canvas.box(x, y, x + 43, y + 23, (222, 217, 206))
    canvas.box(150, 0, 168, 240, (222, 186, 66))
    canvas.box(168, 150, 320, 164, (222, 186, 66))
    canvas.box(140, 96, 178, 118, (150, 152, 156), radius=2)
    canvas.box(118, 102, 200, 110, (190, 54, 48) if done else (128, 96, 82), radius=3)
    if done:
        canvas.box(206, 60, 258, 96, _WHITE, radius=2)
        canvas.line([(214, 78), (226, 88), (250, 68)], (76, 150, 88), 4)
        return
    for y in (52, 196):
        canvas.shape([(0, y), (320, y - 18), (320, y - 6), (0, y + 12)], (230, 190, 60))
        for x in range(0, 320, 34):
            canvas.shape(
                [
                    (x, y + 11 - x * 0.056),
                    (x + 10, y + 11 - x * 0.056),
                    (x + 20, y - x * 0.056 - 1),
                    (x + 10, y - x * 0.056),
                ],
                (50, 50, 52),
            )


def _building(canvas: Canvas, done: bool) -> None:
    """A façade with stains and loose plaster; mended and painted."""
    canvas.box(40, 16, 280, 212, _WALL if done else (204, 192, 170))
    canvas.box(0, 212, 320, 240, _PAVING)
    for top in (32, 78, 124):
        for left in (60, 124, 188, 236):
            canvas.box(left, top, left + 30, top + 32, (104, 126, 142))
            canvas.box(left - 2, top + 32, left + 32, top + 36, (176, 166, 148))
    canvas.box(138, 166, 182, 212, (96, 104, 110), radius=2)
    canvas.line([(160, 168), (160, 212)], (64, 70, 76), 1.4)
    if done:
        canvas.box(40, 16, 280, 22, _BRICK)
        canvas.box(146, 158, 174, 164, _LAMP, radius=2)
        return
    for _number in range(24):
        x, y = canvas.random.uniform(46, 272), canvas.random.uniform(24, 170)
        canvas.round(x, y, canvas.random.uniform(3, 12), canvas.random.uniform(6, 18), (158, 146, 126), 130)
    for x in (98, 226):
        canvas.shape([(x, 108), (x + 24, 104), (x + 20, 122), (x + 4, 124)], _BRICK)


_SCENES: Final[dict[str, tuple[Callable[[Canvas, bool], None], Colour, Colour]]] = {
    "flooding": (_flooding, _GREY_SKY, _SKY),
    "drain": (_drain, _SKY, _SKY),
    "manhole": (_manhole, _SKY, _SKY),
    "rubbish": (_rubbish, _SKY, _SKY),
    "bins": (_bins, _SKY, _SKY),
    "trees": (_trees, _GREY_SKY, _SKY),
    "pothole": (_pothole, _SKY, _SKY),
    "sign": (_sign, _SKY, _SKY),
    "parking": (_parking, _SKY, _SKY),
    "charging": (_charging, _SKY, _SKY),
    "corridor": (_corridor, _SKY, _SKY),
    "lamp": (_lamp, _NIGHT, _NIGHT),
    "park": (_park, _SKY, _SKY),
    "valve": (_valve, _SKY, _SKY),
    "building": (_building, _GREY_SKY, _SKY),
}
SCENES: Final = tuple(_SCENES)
"""The names of the scenes."""


@cache
def picture(scene: str, *, done: bool) -> bytes:
    """The JPEG of a scene before (``done`` false) or after the work. KeyError for an unknown scene."""
    draw, before, after = _SCENES[scene]
    canvas = Canvas(f"{scene}:{done}", after if done else before)
    draw(canvas, done)
    return canvas.jpeg()

"""Pictures of the demonstration's reports, drawn here: flat, of no real place, nobody's, without people.

Each is what a sender or the entity would have photographed; `name` says what is to be seen, as a file's name.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 800, 600
# Drawn so much larger and made small, for smooth edges.
FINE = 2
Point = tuple[float, float]
Colour = str


class Sheet:
    def __init__(self, sky: Colour, ground: Colour, horizon: float = 330) -> None:
        self.image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), sky)
        self.pen = ImageDraw.Draw(self.image)
        self.box(0, horizon, WIDTH, HEIGHT, ground)

    def box(
        self, left: float, top: float, right: float, bottom: float, fill: Colour, round: float = 0
    ) -> None:
        self.pen.rounded_rectangle([n * FINE for n in (left, top, right, bottom)], round * FINE, fill)

    def oval(self, x: float, y: float, across: float, down: float, fill: Colour) -> None:
        self.pen.ellipse([n * FINE for n in (x - across, y - down, x + across, y + down)], fill)

    def area(self, points: Iterable[Point], fill: Colour) -> None:
        self.pen.polygon([(x * FINE, y * FINE) for x, y in points], fill)

    def line(self, points: Iterable[Point], width: float, fill: Colour) -> None:
        self.pen.line([(x * FINE, y * FINE) for x, y in points], fill, int(width * FINE), joint="curve")

    def jpeg(self) -> bytes:
        out = io.BytesIO()
        self.image.reduce(FINE).save(out, "JPEG", quality=82)
        return out.getvalue()


# --- what stands in more than one ---------------------------------------------------------------


def houses(sheet: Sheet, walls: Iterable[Colour], window: Colour, foot: float = 330) -> None:
    for number, wall in enumerate(walls):
        left, top = number * 170 - 20, foot - 120 - 37 * (number * 2 % 3)
        sheet.box(left, top, left + 158, foot, wall)
        for row in range(2):
            for column in range(3):
                x, y = left + 22 + column * 45, top + 22 + row * 55
                sheet.box(x, y, x + 24, y + 32, window, 3)


def road(sheet: Sheet, asphalt: Colour, paint: Colour, top: float = 360) -> None:
    sheet.area([(0, HEIGHT), (0, 470), (330, top), (470, top), (WIDTH, 470), (WIDTH, HEIGHT)], asphalt)
    for near, far in ((600, 540), (505, 460), (435, 405), (388, 372)):
        wide, narrow = (near - 350) / 25, (far - 350) / 25
        sheet.area([(400 - wide, near), (400 + wide, near), (400 + narrow, far), (400 - narrow, far)], paint)


def street(sheet: Sheet) -> None:
    houses(sheet, ["#d9c3a0", "#cdb38b", "#e0cfb2", "#c9ad86", "#d6c09a"], "#6f7f8c")
    road(sheet, "#5b5e63", "#d8d4c4")


def post(sheet: Sheet, x: float, foot: float, tall: float, lit: bool) -> None:
    top, arm, thick = foot - tall, tall / 4, max(3, tall / 45)
    if lit:
        light = [(x + arm - 8, top + 6), (x + arm + 8, top + 6), (x + arm * 2.3, foot), (x - arm * 0.3, foot)]
        sheet.area(light, "#4c4f55")
        sheet.oval(x + arm, foot, arm * 1.25, arm * 0.28, "#8d8663")
    sheet.line([(x, foot), (x, top), (x + arm, top)], thick, "#8b9097" if lit else "#3a4150")
    sheet.oval(x + arm, top + 4, tall / 20, tall / 34, "#ffe9a3" if lit else "#20242e")


def night(lit: bool) -> Sheet:
    sheet = Sheet("#141a2b", "#1b202c")
    for x, y in ((90, 60), (210, 120), (340, 45), (520, 95), (640, 50), (735, 140), (450, 160)):
        sheet.oval(x, y, 2, 2, "#aab4cc")
    houses(sheet, ["#232a3a", "#1f2534", "#262d3e", "#212837", "#242b3b"], "#384056")
    road(sheet, "#2a2e38" if not lit else "#383b42", "#4a4f5a" if not lit else "#8c8a7a")
    for x, foot, tall in ((300, 372, 110), (215, 410, 190), (80, 480, 330)):
        post(sheet, x, foot, tall, lit)
    return sheet


def bin_of(sheet: Sheet, left: float) -> None:
    sheet.area([(left, 300), (left + 210, 300), (left + 190, 470), (left + 20, 470)], "#3d7a57")
    sheet.box(left - 8, 288, left + 218, 308, "#2f6145", 6)
    for x in (left + 45, left + 165):
        sheet.oval(x, 480, 16, 16, "#2a2d30")


def bag(sheet: Sheet, x: float, y: float, size: float, fill: Colour) -> None:
    sheet.oval(x, y, size, size * 0.82, fill)
    sheet.area(
        [(x - size * 0.2, y - size * 0.7), (x + size * 0.2, y - size * 0.7), (x, y - size * 1.1)], fill
    )
    sheet.line([(x - size * 0.4, y - size * 0.3), (x - size * 0.1, y + size * 0.4)], 3, "#ffffff")


def corner() -> Sheet:
    sheet = Sheet("#cfdde6", "#b9ab93", 420)
    sheet.box(0, 120, WIDTH, 420, "#d8c5a4")
    for row in range(6):
        sheet.line([(0, 170 + row * 50), (WIDTH, 170 + row * 50)], 2, "#c8b28d")
    sheet.box(0, 500, WIDTH, HEIGHT, "#5f6267")
    sheet.box(0, 488, WIDTH, 506, "#e4ded0")
    return sheet


# --- the pictures -------------------------------------------------------------------------------


def pothole(wide: float = 150, x: float = 470) -> Sheet:
    sheet = Sheet("#bcd3e2", "#c2b391")
    street(sheet)
    ragged = [
        (-1, 0.1),
        (-0.8, -0.5),
        (-0.2, -0.7),
        (0.3, -0.5),
        (0.85, -0.6),
        (1, 0.1),
        (0.6, 0.6),
        (-0.5, 0.7),
    ]
    for grow, fill in ((1.12, "#7a7466"), (1, "#3b372f"), (0.72, "#26231d")):
        sheet.area([(x + a * wide * grow, 500 + b * wide * 0.42 * grow) for a, b in ragged], fill)
    for a, b in ((-1.3, 0.2), (1.25, -0.3), (0.2, 0.95), (-0.7, -0.95), (1.1, 0.7)):
        sheet.oval(x + a * wide, 500 + b * wide * 0.42, 9, 6, "#837c6c")
    return sheet


def manhole(closed: bool) -> Sheet:
    sheet = Sheet("#c4d6e0", "#b3a68c", 150)
    sheet.box(0, 190, WIDTH, HEIGHT, "#66696e")
    sheet.box(0, 170, WIDTH, 196, "#d9d2c2")
    sheet.oval(410, 400, 190, 105, "#8d9094")
    sheet.oval(410, 400, 168, 91, "#55585d" if closed else "#15171a")
    if closed:
        for y in range(335, 470, 22):
            half = 150 * max(0.0, 1 - ((y - 400) / 95) ** 2) ** 0.5
            sheet.line([(410 - half, y), (410 + half, y)], 5, "#74787e")
    else:
        sheet.area([(300, 330), (455, 318), (430, 395), (330, 415)], "#777b81")
        sheet.line([(455, 318), (438, 350), (447, 365), (430, 395)], 4, "#2b2d30")
        sheet.box(230, 250, 262, 410, "#d77f2a", 4)
        sheet.box(230, 300, 262, 330, "#f3ead9")
    return sheet


def full_bin() -> Sheet:
    sheet = corner()
    for x, y, size, fill in ((300, 290, 46, "#3b3f46"), (380, 268, 52, "#d8d4cb"), (455, 288, 44, "#55606b")):
        bag(sheet, x, y, size, fill)
    bin_of(sheet, 270)
    for x, y, size, fill in ((190, 455, 50, "#454a52"), (560, 450, 56, "#cfc9bd"), (640, 468, 38, "#3b3f46")):
        bag(sheet, x, y, size, fill)
    for x in (120, 250, 520, 700):
        sheet.box(x, 470, x + 34, 482, "#b98b55", 2)
    return sheet


def empty_bin() -> Sheet:
    sheet = corner()
    bin_of(sheet, 270)
    sheet.oval(600, 470, 70, 8, "#a2957f")
    return sheet


def bin_room() -> Sheet:
    sheet = Sheet("#8f9488", "#6d6a61", 430)
    for row in range(9):
        sheet.line([(0, 30 + row * 50), (WIDTH, 30 + row * 50)], 2, "#7f8479")
    sheet.box(560, 110, 720, 430, "#5f6d70", 4)
    for x, y, size, fill in ((130, 420, 64, "#34383e"), (240, 445, 70, "#494f57"), (360, 425, 58, "#c5c0b4")):
        bag(sheet, x, y, size, fill)
    for x, y in ((470, 480), (500, 520), (430, 540), (560, 500), (350, 550), (620, 545)):
        sheet.oval(x, y, 9, 5, "#3a2417")
        sheet.line([(x + 8, y - 3), (x + 18, y - 8)], 2, "#3a2417")
    return sheet


def park() -> Sheet:
    sheet = Sheet("#c7e0ea", "#8fae6b")
    for x, size in ((90, 70), (250, 52), (640, 76), (740, 56)):
        sheet.box(x - 6, 250, x + 6, 345, "#7b5d3c")
        sheet.oval(x, 235, size, size * 0.85, "#5f8a4c")
    sheet.box(300, 400, 520, 416, "#a67c4e", 4)
    sheet.box(320, 416, 334, 470, "#7b5d3c")
    sheet.box(486, 416, 500, 470, "#7b5d3c")
    for x, y, size, fill in ((200, 480, 34, "#d9d5cb"), (585, 500, 40, "#3f444b"), (650, 470, 28, "#d9d5cb")):
        bag(sheet, x, y, size, fill)
    for x, y, fill in (
        (130, 540, "#c95f4a"),
        (300, 530, "#e6e2d8"),
        (400, 555, "#5b87b5"),
        (500, 535, "#e6e2d8"),
    ):
        sheet.box(x, y, x + 30, y + 13, fill, 4)
    return sheet


def tunnel() -> Sheet:
    sheet = Sheet("#8d9aa5", "#7d776a", 300)
    sheet.box(0, 170, WIDTH, 420, "#a59d8d")
    sheet.area([(160, 430), (160, 260), (250, 205), (550, 205), (640, 260), (640, 430)], "#23262b")
    sheet.area([(0, HEIGHT), (0, 440), (160, 395), (640, 395), (WIDTH, 440), (WIDTH, HEIGHT)], "#6f6350")
    for y, shift in ((430, 0), (470, 60), (520, 20), (565, 90)):
        for x in range(-40, WIDTH, 190):
            sheet.line([(x + shift, y), (x + shift + 80, y)], 4, "#8a7d66")
    sheet.area([(330, 415), (350, 372), (450, 372), (478, 415)], "#b7bcc2")
    sheet.box(300, 398, 510, 424, "#b7bcc2", 10)
    sheet.area([(358, 398), (366, 379), (438, 379), (452, 398)], "#4c5661")
    sheet.box(330, 150, 470, 190, "#2f6a9f", 4)
    return sheet


def stump() -> Sheet:
    sheet = Sheet("#d3e2ea", "#cdb98e")
    sheet.oval(170, 330, 150, 60, "#a8976d")
    sheet.oval(600, 335, 190, 50, "#b5a478")
    sheet.box(340, 380, 440, 500, "#7a5636", 8)
    sheet.oval(390, 380, 50, 18, "#d9b27c")
    for ring in (36, 22, 9):
        sheet.oval(390, 380, ring, ring * 0.36, "#c39a62" if ring != 22 else "#d9b27c")
    sheet.line([(470, 520), (700, 480)], 30, "#7a5636")
    for x, y in ((690, 450), (730, 490), (660, 500), (745, 455)):
        sheet.oval(x, y, 36, 26, "#6d8a4a")
    for x in (250, 300, 470, 520):
        sheet.oval(x, 530, 16, 6, "#e0c79a")
    return sheet


@dataclass(frozen=True)
class Picture:
    draw: Callable[[], Sheet]
    ar: str
    en: str

    def name(self, language: str) -> str:
        return f"{self.en if language == 'en' else self.ar}.jpg"


PICTURES = {
    "pothole": Picture(pothole, "حفرة عميقة في المسار الأيمن", "A deep pothole in the right lane"),
    "pothole-far": Picture(
        lambda: pothole(95, 330), "الحفرة من الجهة الأخرى", "The pothole from the other side"
    ),
    "dark": Picture(lambda: night(False), "أعمدة إنارة مطفأة ليلًا", "Dark lamp posts at night"),
    "lit": Picture(lambda: night(True), "الأعمدة مضاءة بعد الإصلاح", "The lamp posts lit after the repair"),
    "manhole": Picture(lambda: manhole(False), "غطاء منهل مكسور", "A broken manhole cover"),
    "manhole-closed": Picture(lambda: manhole(True), "الغطاء الجديد في مكانه", "The new cover in its place"),
    "full-bin": Picture(full_bin, "حاوية ممتلئة وأكياس حولها", "A full container with bags around it"),
    "empty-bin": Picture(empty_bin, "الحاوية بعد الرفع والتنظيف", "The container emptied and cleaned"),
    "bin-room": Picture(bin_room, "غرفة النفايات في المبنى", "The building's waste room"),
    "park": Picture(park, "نفايات حول المقعد في المتنزه", "Rubbish around the bench in the park"),
    "tunnel": Picture(tunnel, "نفق غمرته المياه وسيارة عالقة", "A flooded underpass with a stranded car"),
    "stump": Picture(stump, "جذع شجرة مقطوعة", "The stump of a felled tree"),
}


@cache
def jpeg(name: str) -> bytes:
    return PICTURES[name].draw().jpeg()

"""Draw a school day's prompts on one contact sheet, to be looked at: `python docs/sketches.py`.

Under each sketch are the prompt and what the artist says that it did not know. Prompts of your own
are drawn with `python docs/sketches.py sheet.png "a cat on a mat" 三个红气球`.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from nbext.embedded.artist import draw

PROMPTS = """
an animal cell with a nucleus|植物细胞|a heart and lungs|an infographic about bees
the life cycle of a butterfly|parts of a flower|the water cycle|H2O molecule
the solar system, labelled|the phases of the moon|a volcano erupting|显微镜下的细胞
a right triangle with a²+b²=c²|a clock showing half past three|number 7
three red circles and two blue squares|parabola
the letter A|a pie chart and a bar graph|一把尺子和一个量角器|黑板上写着1+1=2
map of China|五星红旗下的小学生|天安门|兵马俑
flag of France|the pyramids of Egypt with a camel|a compass and a map|长城，水墨画
a black woman teaching three children|an old man in a wheelchair|穿旗袍的女人
a police officer and a firefighter|a doctor with a happy boy|医生和护士|一位女科学家在实验室
端午节赛龙舟|中秋节，兔子和月饼|春节，门上写着“福”字|a girl holding a red envelope
a Christmas tree without presents|Halloween|birthday cake with 5 candles|国庆节
守株待兔|龟兔赛跑|raining cats and dogs|井底之蛙
a sad clown|an angry boy and a surprised girl|一个伤心的女孩|a sleeping cat
two people playing chess|踢足球的男孩|table tennis|a runner in a stadium
a poster that says "HELLO WORLD"|a sign that says STOP|a cat saying "hello"|写着“春”字的红纸
a street without cars|a cat without a hat|没有云的天空|a garden with no flowers, only bees
a cat, ink on rice paper|床前明月光，疑是地上霜|a rabbit on the moon|a logo with the letter B
垃圾分类海报|save water poster|rice terraces in Yunnan|a bird's eye view of a beach
"""
SIDE, COLUMNS, CAPTION = 300, 8, 64


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    for name in ("NotoSansCJK-Regular.ttc", "msyh.ttc", "PingFang.ttc", "wqy-microhei.ttc"):
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _wrapped(text: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont, wide: int) -> list[str]:
    lines = [""]
    for char in text:
        if font.getlength(lines[-1] + char) > wide:
            lines.append("")
        lines[-1] += char
    return lines


def sheet(prompts: list[str]) -> Image.Image:
    """Return one picture with a sketch and a caption for each prompt."""
    rows = -(-len(prompts) // COLUMNS)
    page = Image.new("RGB", (SIDE * min(COLUMNS, len(prompts)), (SIDE + CAPTION) * rows), "white")
    pen, font = ImageDraw.Draw(page), _font(13)
    for number, prompt in enumerate(prompts):
        sketch = draw(prompt, width=SIDE - 8, height=SIDE - 8)
        x, y = SIDE * (number % COLUMNS), (SIDE + CAPTION) * (number // COLUMNS)
        page.paste(Image.open(io.BytesIO(sketch.png)).convert("RGB"), (x + 4, y + 4))
        for row, text in enumerate(_wrapped(f"{number + 1}. {prompt}", font, SIDE - 12)[:2]):
            pen.text((x + 6.0, y + SIDE + 15.0 * row), text, fill="black", font=font)
        if sketch.unknown:
            text = f"did not know: {', '.join(sketch.unknown)}"
            first = _wrapped(text, font, SIDE - 12)[0]
            pen.text((x + 6.0, y + SIDE + 34.0), first, fill="firebrick", font=font)
    return page


if __name__ == "__main__":
    to = Path(sys.argv[1] if len(sys.argv) > 1 else "sketches.png")
    own = sys.argv[2:]
    sheet(own or [p for line in PROMPTS.strip().splitlines() for p in line.split("|")]).save(to)

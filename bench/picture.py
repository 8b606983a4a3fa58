"""A picture of ratios: bars in groups, on a scale of powers of two."""

import html
import math
from collections.abc import Mapping, Sequence

WIDTH, LEFT, BAR, GAP = 900, 240, 13, 18
COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb", "#994f00", "#000000", "#88ccaa")


def svg(title: str, groups: Mapping[str, Mapping[str, float]], series: Sequence[str]) -> str:
    """The text of the picture. `groups`: for each group the ratio of each series, as far as it has one."""
    values = [value for group in groups.values() for value in group.values()]
    low = math.floor(math.log2(min([*values, 1.0])))
    high = max(math.ceil(math.log2(max([*values, 2.0]))), low + 1)
    scale = (WIDTH - LEFT - 70) / (high - low)
    colours = {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(series)}
    parts, y = [], 40
    for group, ratios in groups.items():
        parts.append(text(LEFT - 8, y + BAR * max(len(ratios), 1) / 2 + 4, group, "end"))
        for name in series:
            if name in ratios:
                length = max((math.log2(ratios[name]) - low) * scale, 1)
                parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 2}" fill="{colours[name]}"/>')
                parts.append(text(LEFT + length + 4, y + BAR - 4, f"{ratios[name]:.2f} {name}", size=9))
                y += BAR
        y += GAP
    lines = []
    for power in range(low, high + 1):
        x = LEFT + (power - low) * scale
        lines.append(f'<line x1="{x:.1f}" y1="30" x2="{x:.1f}" y2="{y - GAP}" stroke="#ddd"/>')
        lines.append(text(x, 26, f"{2.0 ** power:g}", "middle", 9))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{y}" fill="white"/>', text(8, 14, title, size=12), *lines, *parts, "</svg>", ""])


def text(x: float, y: float, words: str, anchor: str = "start", size: int = 11) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{html.escape(words)}</text>'

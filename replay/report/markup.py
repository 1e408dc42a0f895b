"""HTML from parts. Whatever is not `Html` already is text, and escaped."""

import html
import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

NONE = "–"


class Html(str):
    """Markup that is put in as it is."""

    __slots__ = ()


def escaped(text: object) -> Html:
    """Text as HTML, in an element or in a quoted attribute."""
    return text if isinstance(text, Html) else Html(html.escape(str(text)))


def joined(parts: Iterable[object]) -> Html:
    """Parts one after the other."""
    return Html("".join(escaped(part) for part in parts))


def element(tag: str, *content: object, **attributes: object) -> Html:
    """An element. `class_` is `class`, `aria_label` is `aria-label`; None leaves one out."""
    pairs = (
        f' {name.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Html(f"<{tag}{''.join(pairs)}>{joined(content)}</{tag}>")


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Html:
    """A table that scrolls sideways where it must; the first cell of a row is its heading."""
    kinds = [
        "n" if rows and all(_is_number(row[place]) for row in rows) else None
        for place in range(len(columns))
    ]
    head = joined(
        element("th", name, scope="col", class_=kind)
        for name, kind in zip(columns, kinds, strict=True)
    )
    body = joined(
        element(
            "tr",
            element("th", row[0], scope="row", class_=kinds[0]),
            *(
                element("td", cell, class_=kind)
                for cell, kind in zip(row[1:], kinds[1:], strict=True)
            ),
        )
        for row in rows
    )
    whole = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", head)),
        element("tbody", body),
    )
    return element(
        "div", whole, class_="scroll", tabindex="0", role="region", aria_label=f"Table: {caption}"
    )


def section(name: str, heading: str, *content: object) -> Html:
    """A part of the page under a heading; `name` is what links to it say."""
    title = element("h2", heading, id=f"{name}-heading")
    return element("section", title, *content, id=name, aria_labelledby=f"{name}-heading")


def folded(summary: str, *content: object) -> Html:
    """What opens on demand, and in print."""
    return element("details", element("summary", summary), *content)


def inline(text: str) -> Html:
    """Text that may be HTML of which `strong` and `code` alone are kept."""
    safe = html.escape(html.unescape(text), quote=False)
    return Html(re.sub(r"&lt;(/?(?:strong|code))&gt;", r"<\1>", safe))


def share(value: float | None) -> str:
    """A share in per cent."""
    return NONE if value is None or math.isnan(value) else f"{value:.1%}"


def data_block(value: Any) -> Html:
    """JSON for a script element: nothing in it can end the element or open a comment."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Html(text)


def _is_number(cell: object) -> bool:
    text = str(cell)
    return text == NONE or text.removeprefix("-")[:1].isdigit()

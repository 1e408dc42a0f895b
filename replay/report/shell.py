"""What every page has around its sections: head, header, links to the sections, charts, footer."""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from plotly.offline import get_plotlyjs

from replay.report.clock import ZERO_MS
from replay.report.markup import Html, data_block, element, escaped, joined
from replay.report.palette import THEMES


def page_html(
    *,
    title: str,
    kind: str,
    heading: str,
    facts: Iterable[tuple[str, object]],
    links: Mapping[str, str],
    body: Sequence[Html],
    charts: Mapping[str, Any],
    footer: str,
    banner: Html | None = None,
) -> str:
    """A whole page in one file that needs no network; the same parts give the same bytes.

    Args:
        title: of the browser's tab.
        kind: of page, above the heading.
        heading: of the page.
        facts: names and values below the heading.
        links: from the name of each section to the words of the link to it.
        body: the sections.
        charts: figures of Plotly without colours, by the names of their places.
        footer: its text.
        banner: a warning above everything.
    """
    code, plotly = _own("page.js"), get_plotlyjs()
    return Template(_own("page.html")).substitute(
        policy=_policy(code, plotly),
        title=escaped(title),
        style=_own("style.css"),
        banner=banner or "",
        kind=escaped(kind),
        heading=escaped(heading),
        facts=joined(
            element("div", element("dt", name), element("dd", value)) for name, value in facts
        ),
        nav="".join(
            f"{element('li', element('a', words, href=f'#{name}'))}\n"
            for name, words in links.items()
        ),
        body=joined(body),
        footer=escaped(footer),
        data=data_block({"charts": charts, "themes": THEMES, "zero_ms": ZERO_MS}),
        plotly=plotly,
        code=code,
    )


def _own(name: str) -> str:
    return files("replay.report").joinpath(name).read_text(encoding="utf-8")


def _policy(*scripts: str) -> Html:
    """What a browser may do with the page: run these scripts, and load nothing."""
    hashes = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    # Plotly styles its elements itself.
    return Html(
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )

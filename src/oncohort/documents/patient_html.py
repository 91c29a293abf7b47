"""The page of one patient as HTML: for the report, and for the app."""

from __future__ import annotations

from html import escape

from oncohort.displays.patient import Block, Line, Listing, PatientPage
from oncohort.documents.patient_timeline import timeline_svg
from oncohort.documents.style import page_css


def patient_html(page: PatientPage, *, level: int = 3) -> str:
    """Everything about one patient, below a heading of its own.

    Parameters
    ----------
    level
        Of the heading with the patient's id; parts have the next one.
    """
    part = f"h{level + 1}"
    head = f"<h{level}>Patient {escape(page.patient)}</h{level}>"
    if not page.included:
        head += '<p class="outside">Not in the analysed cohort.</p>'
    if page.facts:
        head += '<dl class="calls">' + "".join(
            f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in page.facts
        ) + "</dl>"  # fmt: skip
    out = [head, timeline_svg(page)]
    out += [_block(block, part) for block in page.blocks]
    out += [_listing(listing, part) for listing in page.listings]
    return "".join(out)


def write_patient(page: PatientPage) -> str:
    """The page of one patient as a file of its own, which loads nothing."""
    title = f"Patient {escape(page.patient)}"
    notice = "<p><strong>Synthetic data.</strong> This patient was made up by a program.</p>"
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="generator" content="oncohort">'
        f"<title>{title}</title><style>{page_css()}</style></head><body>"
        f'<main class="wrap">{notice if page.synthetic else ""}'
        f"{patient_html(page, level=1)}</main></body></html>\n"
    )


def cell_html(place: str) -> str:
    """A cell of the chart, set apart from the words."""
    return f' <span class="cell">{escape(place)}</span>' if place else ""


def _block(block: Block, tag: str) -> str:
    lines = "".join(_line(line) for line in block.lines)
    return f'<{tag}>{escape(block.title)}</{tag}><ul class="seen">{lines}</ul>'


def _line(line: Line) -> str:
    day = f'<span class="day">{escape(line.date)}</span> ' if line.date else ""
    kind = f' class="{line.sort}"' if line.sort in ("part", "head", "endpoint", "best") else ""
    call = f' <b class="call">{escape(line.call)}</b>' if _told(line) else ""
    return f"<li{kind}>{day}{escape(line.text)}{call}{cell_html(line.place)}</li>"


def _told(line: Line) -> bool:
    """A call is set beside its reason where the reason doesn't end with it."""
    return bool(line.call) and line.sort == "visit" and not line.text.endswith(line.call)


def _listing(listing: Listing, tag: str) -> str:
    placed = any(listing.places)
    columns = [*listing.columns, *(["Where"] if placed else [])]
    heads = "".join(
        f'<th scope="col"{_align(i, listing)}>{escape(c)}</th>' for i, c in enumerate(columns)
    )
    rows = []
    for row, place in zip(listing.rows, listing.places, strict=True):
        cells = [f'<th scope="row">{escape(row[0])}</th>']
        cells += [
            f"<td{_align(i, listing)}>{escape(v)}</td>" for i, v in enumerate(row[1:], start=1)
        ]
        if placed:
            cells.append(f'<td class="left">{cell_html(place).strip()}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    label = escape(listing.title, quote=True)
    return (
        f"<{tag}>{escape(listing.title)}</{tag}>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}" '
        f'data-label="{label}"><table class="records">'
        f'<caption class="hidden">{label}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _align(index: int, listing: Listing) -> str:
    return "" if index in listing.numbers else ' class="left"'

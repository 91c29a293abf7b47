"""What is wrong with the manuscript's own parts: texts, references, displays, template."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.problems import Place, Problem, problem
from oncohort.protocol.references import nearest
from oncohort.study.own_files import own_bytes

if TYPE_CHECKING:
    from oncohort.displays.paper import Paper
    from oncohort.study.study import Study


def template_of(study: Study) -> tuple[bytes | None, list[Problem]]:
    """The bytes of the template that the protocol names, or why it can't be used."""
    name = study.protocol.style.template
    if not name:
        return None, []
    path = study.folder / name
    reason = ""
    data = own_bytes(path)
    try:
        from docx import Document

        if data is None:
            reason = "there is no such file"
        else:
            Document(io.BytesIO(data))
    except Exception:  # noqa: BLE001 - the zip, its parts or its XML: whatever is wrong with it
        reason = "it is no Word document (.docx)"
    if not reason:
        return data, []
    place = Place(file="study.toml", key="style.template")
    return None, [problem("paper.template", place=place, name=name, reason=reason)]


def writing_problems(study: Study, paper: Paper) -> list[Problem]:
    """Ids and works that texts name and nobody has, displays that are not made, the template."""
    from oncohort.displays.figures.fonts import missing, strings  # `check` needs none of them

    out = [*template_of(study)[1], *study.beside[1]]
    folder = Path(study.protocol.study.text)
    for name, ids in paper.unknown_ids.items():
        place = Place(file=str(folder / f"{name}.md"))
        known = list(study.analysed.numbers)
        out += [
            problem("text.unknown-result", place=place, name=i, nearest=nearest(i, known))
            for i in ids
        ]
    letters = missing(t for f in paper.figures.values() for t in strings(f.data))
    if letters:
        place = Place(file="study.toml")
        out.append(problem("paper.no-font", place=place, letters=letters[:20]))
    file = study.protocol.paper.references
    out += [
        problem("text.unknown-work", place=Place(file=file), name=key, file=file)
        for key in paper.unknown_works
    ]
    asked = study.protocol.paper
    for section, names in (("main", asked.main), ("left_out", asked.left_out)):
        if section not in asked.model_fields_set:
            continue
        place = Place(file="study.toml", key=f"paper.{section}")
        for name in names:
            if name not in paper.display_names and not _left(study, name):
                hint = nearest(name, sorted(paper.display_names))
                out.append(problem("paper.unknown-display", place=place, name=name, nearest=hint))
    return out


def _left(study: Study, name: str) -> bool:
    """Is a display missing since its section was left out? That is told elsewhere."""
    section = name.rpartition(".")[2]
    gone = {item.path[0] for item in study.analysed.left_out}
    return section in gone or not study.cohort.n or (section == "waterfall" and "response" in gone)

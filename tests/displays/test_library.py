"""What draws is loaded without matplotlib's help texts, and is otherwise matplotlib as it comes."""

from __future__ import annotations

import subprocess
import sys

JOB = """
from oncohort.displays.figures.library import load_canvas
load_canvas()
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
assert "_update_set_signature_and_docstring" in vars(Artist)
assert Artist._update_set_signature_and_docstring.__doc__
line = Line2D([0, 1], [0, 1])
line.set(color="red", linewidth=3)
assert (line.get_color(), line.get_linewidth()) == ("red", 3)
class Mine(Line2D):
    pass
assert "linewidth" in str(Mine.set.__signature__)  # what is made later has its help
"""


def test_artists_can_be_set_and_later_ones_have_their_help() -> None:
    done = subprocess.run([sys.executable, "-c", JOB], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

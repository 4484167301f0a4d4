"""Curves as SVG, drawn by gnuplot."""

import subprocess

from fleet import Failure

POINTS = 60  # of a curve of a training


def thinned(rows):
    """At most POINTS pairs of a version and a value, each the mean of those around it: single updates are noisy."""
    step = max(1, -(-len(rows) // POINTS))
    windows = [rows[first:first + step] for first in range(0, len(rows), step)]
    return [[window[-1][0], round(sum(value for _, value in window) / len(window), 6)] for window in windows]


def quoted(text):
    return "'" + str(text).replace("'", "''") + "'"


def draw_lines(path, x, y, series):
    """Lines through points.

    - series: pairs of a title and its points, each a pair of numbers.
    """
    commands = [
        "set encoding utf8", "set terminal svg noenhanced size 760,400 background 'white' font 'sans,13'",
        f"set output {quoted(path)}", f"set xlabel {quoted(x)}", f"set ylabel {quoted(y)}",
        # Yellow, the usual fifth colour, is hard to see.
        f"set yrange [{0 if y.endswith('%') else '*'}:*]", "set linetype 5 lc rgb '#e51e10'",
        "set grid lc '#dddddd'", "set border 3", "set tics nomirror", "set key outside right top Left reverse",
        "plot " + ", ".join(f"'-' using 1:2 with linespoints lw 2 pt 7 ps 0.4 title {quoted(title)}"
                            for title, _ in series),
    ]
    for _, points in series:
        commands += [f"{place} {value}" for place, value in points] + ["e"]
    try:
        done = subprocess.run(["gnuplot"], input="\n".join(commands) + "\n", text=True, stderr=subprocess.PIPE)
    except FileNotFoundError:
        raise Failure("gnuplot is needed for the figures (Debian: apt-get install gnuplot-nox).") from None
    if done.returncode != 0:
        raise Failure(f"gnuplot could not draw {path}: {done.stderr.strip()}")


class Figures:
    """Which curves are drawn of a part, as Markdown that shows them."""

    def __init__(self, folder, curves):
        self.folder, self.curves = folder, curves

    def learning(self, part, name, trainings):
        """One curve a training: what `run metrics` recorded of its first seed."""
        series = [(training.what, self.curves[training.name][part.curve]) for training in trainings
                  if self.curves.get(training.name, {}).get(part.curve)]
        return self._draw(f"learning-{name}", "update", part.curve, series)

    def resolution(self, name, rows):
        """How many boxes are named rightly, by the side of the pictures. `rows`: a title and {side: share}.

        One row alone compares nothing.
        """
        if len(rows) < 2:
            return ""
        series = [(what, sorted((side, 100 * share) for side, share in shares.items())) for what, shares in rows]
        return self._draw(f"resolution-{name}", "side of the picture, px", "boxes named rightly, %", series)

    def mix(self, name, rows):
        """What a mix of two sets of weights keeps of each. `rows`: a title and {share of the student: share}."""
        series = [(what, sorted((share, 100 * value) for share, value in values.items())) for what, values in rows]
        return self._draw(f"mix-{name}", "share of the student", "named rightly, %", series)

    def _draw(self, name, x, y, series):
        if not series:
            return ""
        draw_lines(self.folder / f"{name}.svg", x, y, series)
        return f"![{y} by {x}]({name}.svg)\n"

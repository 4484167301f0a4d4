"""Writes masks.json beside it: outlines and the masks that pycocotools makes of them, as pixel runs. Needs pycocotools.

    python Tests/DatasetsTests/Fixtures/make_mask_fixtures.py
"""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask

random = np.random.default_rng(20260102)
cases = []
for index in range(24):
    width, height = (int(v) for v in random.integers(1, 40, 2))
    parts = []
    for _ in range(int(random.integers(1, 3))):
        corners = int(random.integers(3, 9))
        low, high = (-0.2, 1.2) if index % 3 == 0 else (0, 1)
        points = random.uniform(low, high, (corners, 2)) * [width, height]
        if index % 4 == 0:
            points = np.rint(points)
        if index % 5 == 0:
            points[1] = points[0]
        parts.append([round(float(v), 2) for v in points.reshape(-1)])
    packed = mask.merge(mask.frPyObjects(parts, height, width))
    pixels = mask.decode(packed)
    runs, last, length = [], 0, 0
    for value in pixels.flatten(order="F"):
        if value != last:
            runs.append(length)
            last, length = value, 0
        length += 1
    runs.append(length)
    cases.append({
        "width": width,
        "height": height,
        "polygons": parts,
        "packed": packed["counts"].decode(),
        "runs": [int(v) for v in runs],
        "rows": ["".join(map(str, row)) for row in pixels],
    })
(Path(__file__).parent / "masks.json").write_text(
    "[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n"
)

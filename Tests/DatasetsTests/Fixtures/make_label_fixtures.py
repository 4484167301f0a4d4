"""Writes the label files of SegmentationDatasetTests: python make_label_fixtures.py (numpy 2, Pillow 10).

Value (x + 2 y) mod 5 at column x of row y, 255 at (0, 0): six columns, four rows.
"""
import json
from pathlib import Path

import numpy
from PIL import Image

folder = Path(__file__).parent
x, y = numpy.meshgrid(numpy.arange(6), numpy.arange(4))
labels = (x + 2 * y) % 5
labels[0, 0] = 255
Image.fromarray(labels.astype(numpy.uint8)).save(folder / "labels-grey8.png")
Image.fromarray(labels.astype(numpy.uint16)).save(folder / "labels-grey16.png")
palette = Image.fromarray(labels.astype(numpy.uint8))
palette = palette.convert("L").copy()
palette.putpalette([(37 * i + channel) % 256 for i in range(256) for channel in (0, 90, 180)])
palette.save(folder / "labels-palette.png")
Image.fromarray(numpy.stack([labels] * 3, axis=-1).astype(numpy.uint8)).save(folder / "labels-rgb.png")

# Panoptic: numbers beyond 256 and 65536; the value 4 is a segment of a category that no class is called by.
numbers = {0: 7, 1: 300, 2: 70_000, 3: 8_388_608, 4: 12, 255: 0}
segments = numpy.vectorize(numbers.get)(labels).astype(numpy.uint32)
colours = numpy.stack([segments & 255, segments >> 8 & 255, segments >> 16 & 255], axis=-1).astype(numpy.uint8)
Image.fromarray(colours).save(folder / "panoptic.png")
(folder / "panoptic.json").write_text(
    json.dumps(
        {
            "info": {"year": 2026},
            "images": [{"id": 9, "file_name": "a.png", "height": 4, "width": 6}],
            "annotations": [
                {
                    "image_id": 9,
                    "file_name": "a.png",
                    "segments_info": [
                        {"id": 70_000, "category_id": 3, "iscrowd": 0, "bbox": [0, 0, 2, 2], "area": 3},
                        {"id": 7, "category_id": 1, "area": 4},
                        {"id": 300, "category_id": 2, "area": 4},
                        {"id": 8_388_608, "category_id": 1, "area": 4},
                        {"id": 12, "category_id": 5, "area": 4},
                    ],
                }
            ],
            "categories": [
                {"id": 1, "name": "person", "isthing": 1},
                {"id": 2, "name": "wall-brick", "isthing": 0},
                {"id": 3, "name": "floor-other-merged", "isthing": 0},
                {"id": 5, "name": "unicorn", "isthing": 1},
            ],
        },
        indent=1,
    )
    + "\n"
)

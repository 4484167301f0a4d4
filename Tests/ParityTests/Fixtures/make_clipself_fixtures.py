"""Writes the dumps that the Swift parity tests of CLIPSelf read.

    pip install 'torch==2.13.0+cpu' open_clip_torch==3.3.0 timm==1.0.31 torchvision==0.28.0 safetensors 'pillow<11'
    python Tests/ParityTests/Fixtures/make_clipself_fixtures.py

Pillow 10 it must be: later ones resize in another order of passes. RoIAlign, loss, preprocessing and box chain are
written here from the formulas (Wu et al. 2024, arXiv:2310.01403; torchvision's `roi_align`).
"""

import math

import numpy as np
import PIL
import torch
from PIL import Image

import reference
from torchvision.ops import roi_align  # after reference, which defines what torchvision needs

SEED = 20240117
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
STD = torch.tensor([0.26862954, 0.26130258, 0.27577711])


def save(name, tensors, **metadata):
    reference.save(name, tensors, seed=SEED, pillow=PIL.__version__, **metadata)


# Pictures


def noise(generator, width, height):
    """Low-frequency colour with noise on top: both smooth and rough places for the resampler."""
    coarse = generator.integers(0, 256, (3, 3, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize((width, height), Image.BILINEAR), dtype=np.int64)
    return np.clip(smooth + generator.integers(-60, 61, smooth.shape), 0, 255).astype(np.uint8)


def resize(image, scale):
    width, height = image.size
    new = (max(round(width * scale), 1), max(round(height * scale), 1))
    return image.resize(new, Image.BICUBIC)


def student_view(pixels, size):
    """Longest side to `size`, padded right and bottom with black."""
    image = Image.fromarray(pixels)
    small = resize(image, size / max(image.size))
    canvas = Image.new("RGB", (size, size))
    canvas.paste(small, (0, 0))
    return np.array(canvas)


def rounded_span(low, high, side):
    """Edges rounded halves to even inside the image, at least one pixel."""
    start = min(round(min(max(low, 0), side)), side - 1)
    return start, max(round(min(max(high, 0), side)), start + 1)


def crop_rectangle(box, scale, width, height):
    x0, y0, x1, y1 = (float(v) for v in box)
    if scale != 1:
        cx, cy, w, h = (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0
        x0, x1 = cx - w / 2 * scale, cx + w / 2 * scale
        y0, y1 = cy - h / 2 * scale, cy + h / 2 * scale
    left, right = rounded_span(x0, x1, width)
    top, bottom = rounded_span(y0, y1, height)
    return left, top, right, bottom


def teacher_crop(pixels, rectangle, size):
    """The crop, longest side to `size`, padded centred with black."""
    image = Image.fromarray(pixels).crop(rectangle)
    small = resize(image, size / max(image.size))
    canvas = Image.new("RGB", (size, size))
    canvas.paste(small, ((size - small.width) // 2, (size - small.height) // 2))
    return np.array(canvas)


def normalized(pixels):
    """[n, H, W, 3] bytes to [n, 3, H, W]."""
    value = torch.from_numpy(np.stack(pixels)).float() / 255
    return ((value - MEAN) / STD).permute(0, 3, 1, 2)


def cells_of(boxes, width, height, size, grid):
    """The box chain in fp32, in this order: pixels, ×s, ÷S, ×N."""
    scale = np.float32(size / max(width, height))
    return ((boxes.astype(np.float32) * scale) / np.float32(size)) * np.float32(grid)


def make_preprocessing(generator):
    """Pixels of student views and teacher crops on odd sizes; and boxes in cells."""
    tensors = {}
    sizes = [(53, 37, 40, 24), (31, 90, 44, 21), (1, 70, 32, 16), (64, 1, 32, 16), (67, 66, 32, 16), (10, 13, 44, 28)]
    for index, (width, height, size, crop) in enumerate(sizes):
        pixels = noise(generator, width, height)
        corners = np.sort(generator.uniform(-0.2, 1.2, (4, 2, 2)), axis=1) * [width, height]
        boxes = corners.reshape(4, 4).astype(np.float32)
        boxes[0] = [0, 0, width / 2, height / 2]  # halves, where the sides are odd
        scale = [1, 1.5, 1][index % 3]
        rectangles = [crop_rectangle(box, scale, width, height) for box in boxes]
        tensors |= {
            f"{index}.image": torch.from_numpy(pixels),
            f"{index}.student": torch.from_numpy(student_view(pixels, size)),
            f"{index}.boxes": torch.from_numpy(boxes),
            f"{index}.cells": torch.from_numpy(cells_of(boxes, width, height, size, size // 4)),
            f"{index}.rectangles": torch.tensor(rectangles, dtype=torch.int32),
            f"{index}.crops": torch.from_numpy(np.stack([teacher_crop(pixels, r, crop) for r in rectangles])),
            f"{index}.sizes": torch.tensor([size, crop, size // 4], dtype=torch.int32),
            f"{index}.scale": torch.tensor([scale], dtype=torch.float32),
        }
    save("clipself-preprocessing", tensors, cases=len(sizes))


# RoIAlign


def axis_weights(low, high, length):
    """One bin's weights along an axis: adaptive sampling, aligned; extents in fp32, the interpolation in fp64."""
    a = np.float32(low) - np.float32(0.5)
    b = np.float32(high) - np.float32(0.5)
    extent = np.float32(b - a)
    n = math.ceil(extent)
    weights = np.zeros(length)
    for i in range(max(n, 0)):
        u = float(a) + (i + 0.5) * float(extent) / n
        if u < -1 or u > length:
            continue
        u = max(u, 0)
        k = int(u)
        if k >= length - 1:
            weights[length - 1] += 1
        else:
            weights[k] += 1 - (u - k)
            weights[k + 1] += u - k
    return weights / max(n, 1)


def box_weights(boxes, rows, columns, dtype=torch.float64):
    """[R, rows · columns]"""
    weights = [np.outer(axis_weights(y0, y1, rows), axis_weights(x0, x1, columns)) for x0, y0, x1, y1 in boxes]
    return torch.from_numpy(np.stack(weights).reshape(len(boxes), rows * columns)).to(dtype)


def make_roi_align(generator):
    rows, columns, channels, images = 9, 13, 6, 2
    low = generator.uniform(0, 0.9, (120, 2)) * [columns, rows]
    high = low + generator.uniform(0.02, 1, (120, 2)) * ([columns, rows] - low)
    inside = np.concatenate([low, high], axis=1)
    whole = np.array([[0, 0, 13, 9], [4, 2, 8, 6], [3, 3, 3.2, 3.4], [12, 8, 13, 9], [0, 0, 0.3, 9], [10.5, 1, 13, 5]])
    outside = np.array(
        [[-3, -2, 5, 4], [8, 5, 30, 20], [-9, -9, -4, -4], [20, 2, 25, 6], [4, 4, 4, 8], [6, 6, 5, 5], [-40, -40, 50, 60]]
    )
    boxes = np.concatenate([inside, whole, outside]).astype(np.float32)
    owner = generator.integers(0, images, len(boxes))
    features = torch.from_numpy(generator.normal(size=(images, rows * columns, channels)))
    cotangent = torch.from_numpy(generator.normal(size=(len(boxes), channels)))
    features.requires_grad_(True)
    weights = box_weights(boxes, rows, columns)
    pooled = torch.stack([w @ features[i] for w, i in zip(weights, owner)])
    (gradient,) = torch.autograd.grad((pooled * cotangent).sum(), features)

    # The formulas against torchvision, where its pure Python fallback is valid: inside the map.
    kept = len(inside) + len(whole)
    maps = features.detach().float().reshape(images, rows, columns, channels).permute(0, 3, 1, 2)
    rois = torch.cat([torch.from_numpy(owner[:kept, None]).float(), torch.from_numpy(boxes[:kept])], dim=1)
    reference = roi_align(maps, rois, 1, spatial_scale=1.0, sampling_ratio=-1, aligned=True).flatten(1)
    difference = (reference - pooled[:kept].detach()).abs().max().item()
    print(f"RoIAlign against torchvision: {difference:.1e}")
    assert difference < 2e-6
    save(
        "clipself-roi-align",
        {
            "features": features.detach().float(),
            "boxes": torch.from_numpy(boxes),
            "owners": torch.from_numpy(owner).int(),
            "pooled": pooled.float(),
            "cotangent": cotangent.float(),
            "gradient": gradient.float(),
        },
        rows=rows,
        columns=columns,
    )


# Masks


def make_masks(generator):
    """Masks on the feature grid, shrunk (or enlarged) with torch's bicubic with and without antialias, then > 0."""
    tensors = {}
    for index, (width, height, rows, columns) in enumerate([(53, 37, 11, 16), (90, 91, 16, 16), (20, 9, 8, 16),
                                                            (7, 64, 16, 2), (5, 4, 13, 16)]):
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        mask = np.zeros((height, width), dtype=bool)
        for _ in range(4):
            cx, cy, r = generator.uniform(0, width), generator.uniform(0, height), generator.uniform(1, max(width, 8) / 5)
            mask |= (x - cx) ** 2 + (y - cy) ** 2 < r * r
        tensors[f"{index}.mask"] = torch.from_numpy(mask)
        for antialias in (False, True):
            small = torch.nn.functional.interpolate(
                torch.from_numpy(mask)[None, None].float(), size=(rows, columns), mode="bicubic", align_corners=False,
                antialias=antialias,
            )
            tensors[f"{index}.{'smooth' if antialias else 'plain'}"] = small[0, 0] > 0
    save("clipself-masks", tensors, cases=5)


# The model


def tower(configuration, seed):
    """open_clip's image tower with every parameter random, in numbers that fp16 holds exactly."""
    model = reference.model(configuration, seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half())
    return model


def teacher_targets(model, crops):
    with torch.no_grad():
        return torch.nn.functional.normalize(model.encode_image(crops), dim=-1, eps=1e-12)


class Sample:
    """An image with its regions, as the objective sees it."""

    def __init__(self, generator, width, height, count, size, crop, grid):
        self.pixels = noise(generator, width, height)
        corners = np.sort(generator.uniform(0, 1, (count, 2, 2)), axis=1) * [width, height]
        self.boxes = corners.reshape(count, 4).astype(np.float32)
        self.rectangles = [crop_rectangle(box, 1, width, height) for box in self.boxes]
        self.student = normalized([student_view(self.pixels, size)])
        self.crops = normalized([teacher_crop(self.pixels, r, crop) for r in self.rectangles])
        self.weights = box_weights(cells_of(self.boxes, width, height, size, grid), grid, grid, torch.float32)

    def tensors(self, prefix):
        return {
            f"{prefix}.image": torch.from_numpy(self.pixels),
            f"{prefix}.boxes": torch.from_numpy(self.boxes),
            f"{prefix}.rectangles": torch.tensor(self.rectangles, dtype=torch.int32),
        }


def loss_sum(student, teacher, samples):
    """Σ over all boxes of 1 − cosine."""
    total = 0
    for sample in samples:
        features, _ = reference.dense_features(student.visual, sample.student)
        pooled = sample.weights @ features[0]
        pooled = torch.nn.functional.normalize(pooled, dim=-1, eps=1e-12)
        total = total + (1 - (pooled * teacher_targets(teacher, sample.crops)).sum(-1)).sum()
    return total


def trained_names(model, groups):
    """Names unlocked from the end: blocks, then positions, then the stem."""
    blocks = [[f"transformer.resblocks.{i}."] for i in reversed(range(len(model.visual.transformer.resblocks)))]
    units = blocks + [["positional_embedding"], ["conv1.", "class_embedding", "ln_pre."]]
    opened = tuple("visual." + prefix for unit in units[:groups] for prefix in unit)
    return [name for name, _ in model.named_parameters() if name.startswith(opened)]


def vision(**choices):
    return {"embed_dim": choices.pop("embed_dim"), "quick_gelu": choices.pop("quick_gelu"), "vision_cfg": choices}


CONFIGURATIONS = {
    # name: (model, student size, unlocked groups)
    "patch8-quick": (
        vision(embed_dim=20, quick_gelu=True, image_size=24, patch_size=8, width=24, head_width=8, layers=2,
               mlp_ratio=1.5), 56, 4),
    "patch14-scale": (
        vision(embed_dim=12, quick_gelu=False, image_size=28, patch_size=14, width=20, head_width=10, layers=2,
               mlp_ratio=2.5, ls_init_value=0.5), 70, 2),
    "patch8-bare": (
        vision(embed_dim=24, quick_gelu=False, image_size=16, patch_size=8, width=30, head_width=6, layers=2,
               mlp_ratio=2.0, no_ln_pre=True), 40, 1),
}


def make_gradients(generator):
    """Loss and all gradients of 2 images with 13 boxes."""
    for index, (name, (configuration, size, groups)) in enumerate(CONFIGURATIONS.items()):
        model = tower(configuration, SEED + index)
        crop, patch = (configuration["vision_cfg"][key] for key in ("image_size", "patch_size"))
        samples = [Sample(generator, 61, 45, 8, size, crop, size // patch)]
        samples += [Sample(generator, 33, 50, 5, size, crop, size // patch)]
        loss = loss_sum(model, model, samples)
        names = trained_names(model, groups)
        parameters = dict(model.named_parameters())
        gradients = torch.autograd.grad(loss, [parameters[n] for n in names])
        tensors = reference.parameters(model, torch.float16) | {"loss": loss.reshape(1)}
        tensors |= {f"gradients.{n}": g for n, g in zip(names, gradients)}
        for number, sample in enumerate(samples):
            tensors |= sample.tensors(f"samples.{number}")
        save(f"clipself-{name}", tensors, model=configuration, student_size=size, unlocked_groups=groups)


def make_steps(generator):
    """Ten optimizer steps of two images each: warm-up, cosine, decay on matrices only.

    Softmax ignores a shift of all scores, so the gradient of a key bias is rounding noise of about 1e-8, which AdamW
    divides by its epsilon of 1e-6. The rate keeps what that noise moves well below the tolerance.
    """
    configuration = vision(embed_dim=16, quick_gelu=True, image_size=24, patch_size=8, width=24, head_width=12,
                           layers=2, mlp_ratio=2.0)
    size, crop, grid, groups, steps, warmup, rate, decay = 40, 24, 5, 2, 10, 3, 5e-3, 0.1
    teacher, student = (tower(configuration, SEED + 100) for _ in range(2))
    images = [Sample(generator, w, h, n, size, crop, grid) for w, h, n in [(40, 31, 3), (29, 41, 6), (37, 37, 1)]]
    names = trained_names(student, groups)
    parameters = dict(student.named_parameters())
    for name, parameter in parameters.items():
        parameter.requires_grad_(name in names)
    optimizer = torch.optim.AdamW(
        [
            {"params": [parameters[n] for n in names if parameters[n].ndim >= 2], "weight_decay": decay},
            {"params": [parameters[n] for n in names if parameters[n].ndim < 2], "weight_decay": 0.0},
        ],
        betas=(0.9, 0.98), eps=1e-6,
    )
    # The last block's query and key rows are not trained: no decay either.
    unused = {
        name: parameters[name].detach()[:48].clone() for name in names if ".resblocks.1.attn.in_proj_" in name
    }
    losses = []
    for step in range(steps):
        batch = [images[step % 3], images[(step + 1) % 3]]
        warming = rate * (step + 1) / warmup
        cosine = 0.5 * rate * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))
        for group in optimizer.param_groups:
            group["lr"] = warming if step < warmup else cosine
        optimizer.zero_grad()
        loss = loss_sum(student, teacher, batch) / sum(len(sample.boxes) for sample in batch)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for name, rows in unused.items():
                parameters[name][: len(rows)] = rows
        losses.append(loss.item())
    tensors = reference.parameters(teacher, torch.float16) | {"losses": torch.tensor(losses)}
    tensors |= {f"trained.{n}": parameters[n] for n in names}
    for number, sample in enumerate(images):
        tensors |= sample.tensors(f"samples.{number}")
    save("clipself-ten-steps", tensors, model=configuration, student_size=size, unlocked_groups=groups,
         warmup=warmup, rate=rate, decay=decay)
    print("losses", [round(value, 4) for value in losses])


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_preprocessing(np.random.default_rng(SEED))
    make_roi_align(np.random.default_rng(SEED + 1))
    make_masks(np.random.default_rng(SEED + 4))
    make_gradients(np.random.default_rng(SEED + 2))
    make_steps(np.random.default_rng(SEED + 3))

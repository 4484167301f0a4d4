#!/usr/bin/env python3
"""Writes the CLIPSelf reference dumps that the parity tests read.

    python make_clipself_fixtures.py [FOLDER]

Needs torch, torchvision, open_clip_torch, numpy, safetensors and Pillow 10 (later Pillows resize in another order of
passes). The towers are open_clip's; the dense read-out, RoIAlign, loss, preprocessing and box chain are written here
from the formulas (Wu et al. 2024, arXiv:2310.01403; torchvision's `roi_align`). Every parameter is drawn at random,
biases and norms included, since default values hide mistakes. Versions and seed stand in each file's metadata.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import PIL
import torch
from PIL import Image
from safetensors.torch import save_file

# torchvision expects these two operators, which a CPU-only torch may lack.
try:
    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
except RuntimeError:
    pass
import open_clip
import torchvision
from open_clip.transformer import VisionTransformer
from torchvision.ops import roi_align

SEED = 20240117
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
STD = torch.tensor([0.26862954, 0.26130258, 0.27577711])
FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
VERSIONS = {
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
    "open_clip": open_clip.__version__,
    "pillow": PIL.__version__,
    "seed": str(SEED),
    "script": Path(__file__).name,
}


def save(name, tensors, **metadata):
    tensors = {key: value.detach().contiguous().clone() for key, value in tensors.items()}
    save_file(tensors, FOLDER / name, metadata={**VERSIONS, **{k: str(v) for k, v in metadata.items()}})
    print(f"{name}: {(FOLDER / name).stat().st_size} bytes")


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
    sizes = [(53, 37, 48, 32), (31, 90, 48, 32), (1, 70, 32, 24), (64, 1, 32, 24), (97, 96, 32, 16), (10, 13, 45, 30)]
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
    save("clipself-preprocessing.safetensors", tensors, cases=len(sizes))


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
        "clipself-roi-align.safetensors",
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


# The model


def tower(seed, **choices):
    """open_clip's image tower with every parameter random, in numbers that fp16 holds exactly."""
    quick = choices.pop("quick_gelu")
    torch.manual_seed(seed)
    act = open_clip.transformer.QuickGELU if quick else torch.nn.GELU
    model = VisionTransformer(heads=2, act_layer=act, **choices).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("weight") and parameter.ndim == 1:
                value = 1 + 0.3 * torch.randn(parameter.shape)
            elif "gamma" in name:
                value = 0.7 + 0.3 * torch.randn(parameter.shape)
            elif parameter.ndim == 1:
                value = 0.3 * torch.randn(parameter.shape)
            elif "positional" in name:
                value = 0.5 * torch.randn(parameter.shape)
            else:
                fan_in = parameter[0].numel() if name != "proj" else parameter.shape[0]
                value = torch.randn(parameter.shape) / fan_in**0.5
            parameter.copy_(value.half())
    return model


def positions(model, rows, columns):
    native = model.grid_size
    patch = model.positional_embedding[1:].reshape(1, *native, -1).permute(0, 3, 1, 2)
    if (rows, columns) != tuple(native):
        patch = torch.nn.functional.interpolate(
            patch, size=(rows, columns), mode="bicubic", align_corners=False, antialias=False
        )
    return torch.cat([model.positional_embedding[:1], patch.flatten(2)[0].T])


def dense_features(model, images):
    """[B, N, E], each token of length 1; the last block by its value path."""
    x = model.conv1(images)
    rows, columns = x.shape[2:]
    x = x.flatten(2).transpose(1, 2)
    token = model.class_embedding.expand(len(x), 1, -1)
    x = model.ln_pre(torch.cat([token, x], dim=1) + positions(model, rows, columns))
    *earlier, last = model.transformer.resblocks
    for block in earlier:
        x = block(x)
    x = x[:, 1:]
    width = x.shape[-1]
    value = torch.nn.functional.linear(
        last.ln_1(x), last.attn.in_proj_weight[2 * width :], last.attn.in_proj_bias[2 * width :]
    )
    x = x + last.ls_1(last.attn.out_proj(value))
    x = x + last.ls_2(last.mlp(last.ln_2(x)))
    return torch.nn.functional.normalize(model.ln_post(x) @ model.proj, dim=-1, eps=1e-12)


def teacher_targets(model, crops):
    with torch.no_grad():
        return torch.nn.functional.normalize(model(crops), dim=-1, eps=1e-12)


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
        pooled = sample.weights @ dense_features(student, sample.student)[0]
        pooled = torch.nn.functional.normalize(pooled, dim=-1, eps=1e-12)
        total = total + (1 - (pooled * teacher_targets(teacher, sample.crops)).sum(-1)).sum()
    return total


def trained_names(model, groups):
    """Names unlocked from the end: blocks, then positions, then the stem."""
    layers = len(model.transformer.resblocks)
    prefixes = [f"transformer.resblocks.{i}." for i in reversed(range(layers))]
    units = [[p] for p in prefixes] + [["positional_embedding"], ["conv1.", "class_embedding", "ln_pre."]]
    opened = [prefix for unit in units[:groups] for prefix in unit]
    return [n for n, _ in model.named_parameters() if any(n.startswith(p) for p in opened)]


def weights_of(model):
    return {f"weights.visual.{name}": p.detach().half() for name, p in model.named_parameters()}


CONFIGURATIONS = {
    # name: (tower, student size, unlocked groups)
    "patch8-quick": (
        dict(image_size=24, patch_size=8, width=32, layers=2, mlp_ratio=2.0, output_dim=20, quick_gelu=True), 56, 4),
    "patch14-scale": (
        dict(image_size=28, patch_size=14, width=24, layers=2, mlp_ratio=3.0, output_dim=12, quick_gelu=False,
             ls_init_value=0.5), 70, 2),
    "patch8-bare": (
        dict(image_size=16, patch_size=8, width=32, layers=2, mlp_ratio=2.0, output_dim=24, quick_gelu=False,
             no_ln_pre=True), 40, 1),
}


def described(choices, size, groups):
    names = {"image_size", "patch_size", "width", "layers", "mlp_ratio", "ls_init_value", "no_ln_pre"}
    vision = {key: value for key, value in choices.items() if key in names} | {"head_width": choices["width"] // 2}
    model = {"embed_dim": choices["output_dim"], "quick_gelu": choices["quick_gelu"], "vision_cfg": vision}
    return dict(model=json.dumps(model), student_size=size, unlocked_groups=groups)


def make_gradients(generator):
    """Loss and all gradients of 2 images with 13 boxes."""
    for index, (name, (choices, size, groups)) in enumerate(CONFIGURATIONS.items()):
        model = tower(SEED + index, **choices)
        grid, crop = size // choices["patch_size"], choices["image_size"]
        samples = [
            Sample(generator, 61, 45, 8, size, crop, grid),
            Sample(generator, 33, 50, 5, size, crop, grid),
        ]
        loss = loss_sum(model, model, samples)
        names = trained_names(model, groups)
        parameters = dict(model.named_parameters())
        gradients = torch.autograd.grad(loss, [parameters[n] for n in names])
        tensors = weights_of(model) | {"loss": loss.reshape(1)}
        tensors |= {f"gradients.visual.{n}": g for n, g in zip(names, gradients)}
        for number, sample in enumerate(samples):
            tensors |= sample.tensors(f"samples.{number}")
        save(f"clipself-{name}.safetensors", tensors, samples=len(samples), **described(choices, size, groups))


def make_steps(generator):
    """Ten optimizer steps of two images each: warm-up, cosine, decay on matrices only."""
    choices = dict(image_size=24, patch_size=8, width=24, layers=2, mlp_ratio=2.0, output_dim=16, quick_gelu=True)
    size, groups, steps, warmup, rate, decay = 40, 2, 10, 3, 2e-2, 0.1
    teacher = tower(SEED + 100, **choices)
    student = tower(SEED + 100, **choices)
    grid, crop = size // choices["patch_size"], choices["image_size"]
    images = [Sample(generator, w, h, n, size, crop, grid) for w, h, n in [(40, 31, 3), (29, 41, 6), (37, 37, 1)]]
    names = trained_names(student, groups)
    parameters = dict(student.named_parameters())
    for name, parameter in parameters.items():
        parameter.requires_grad_(name in names)
    matrices = [parameters[n] for n in names if parameters[n].ndim >= 2]
    vectors = [parameters[n] for n in names if parameters[n].ndim < 2]
    optimizer = torch.optim.AdamW(
        [dict(params=matrices, weight_decay=decay), dict(params=vectors, weight_decay=0.0)],
        lr=rate, betas=(0.9, 0.98), eps=1e-6)
    last = f"transformer.resblocks.{choices['layers'] - 1}.attn.in_proj_"
    unused = {n: parameters[n].detach()[: 2 * choices["width"]].clone() for n in names if n.startswith(last)}
    losses = []
    for step in range(steps):
        # Images 0 1, 1 2, 2 0, and so on.
        batch = [images[step % 3], images[(step + 1) % 3]]
        now = rate * (step + 1) / warmup if step < warmup else (
            0.5 * rate * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))))
        for group in optimizer.param_groups:
            group["lr"] = now
        optimizer.zero_grad()
        loss = loss_sum(student, teacher, batch) / sum(len(s.boxes) for s in batch)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for name, rows in unused.items():
                parameters[name][: len(rows)] = rows
        losses.append(loss.item())
    tensors = weights_of(teacher) | {"losses": torch.tensor(losses)}
    tensors |= {f"trained.visual.{n}": parameters[n] for n in names}
    for number, sample in enumerate(images):
        tensors |= sample.tensors(f"samples.{number}")
    save("clipself-ten-steps.safetensors", tensors, samples=len(images), steps=steps, warmup=warmup, rate=rate,
         decay=decay, **described(choices, size, groups))
    print("losses", [round(value, 4) for value in losses])


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_preprocessing(np.random.default_rng(SEED))
    make_roi_align(np.random.default_rng(SEED + 1))
    make_gradients(np.random.default_rng(SEED + 2))
    make_steps(np.random.default_rng(SEED + 3))

"""Writes the dumps that the Swift parity tests of dense read-outs and of the segmenter's resampling read.

    pip install 'torch==2.13.0+cpu' open_clip_torch==3.3.0 timm==1.0.31 torchvision==0.28.0 safetensors 'pillow<11'
    python Tests/ParityTests/Fixtures/make_readout_fixtures.py
"""

import numpy
import torch
import torch.nn.functional as F
from PIL import Image

import reference

# name: configuration, size of the picture; neither grid is square
MODELS = {
    "readouts-patch7-quickgelu": (
        {
            "embed_dim": 7,
            "quick_gelu": True,
            "vision_cfg": {
                "image_size": 21, "patch_size": 7, "width": 22, "head_width": 11, "layers": 2, "mlp_ratio": 1.5,
            },
        },
        (28, 49),
    ),
    "readouts-patch8-layerscale": (
        {
            "embed_dim": 9,
            "vision_cfg": {
                "image_size": [24, 40], "patch_size": 8, "width": 24, "head_width": 8, "layers": 2, "mlp_ratio": 1.0,
                "ls_init_value": 0.1, "norm_kwargs": {"eps": 1e-6},
            },
        },
        (56, 24),
    ),
}
# stored name: which scores are softmaxed and summed, whether residual and MLP stay, width of the neighbourhood
READOUTS = {
    "value-residual": ((), True, None),
    "value-residual/reduced": ((), False, None),
    "value-only": ((), False, None),
    "value-only/full": ((), True, None),
    "qq": (("qq",), False, None),
    "qq/reduced/σ5": (("qq",), False, 5.0),
    "kk": (("kk",), False, 5.0),
    "kk/reduced": (("kk",), False, None),
    "kk/full/σ5": (("kk",), True, 5.0),
    "kk/reduced/σ1.5": (("kk",), False, 1.5),
    "qq+kk": (("qq", "kk"), True, None),
    "qq+kk/reduced/σ2": (("qq", "kk"), False, 2.0),
    "vanilla": (("qk",), True, None),
    "vanilla/reduced": (("qk",), False, None),
}


def neighbourhood(rows, columns, sigma):
    """Gaussian of the distance of two patches; the class token's row and column stay 0."""
    places = torch.stack(torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij"), -1).reshape(-1, 2)
    squares = ((places[:, None] - places[None]) ** 2).sum(-1).double()
    bias = torch.zeros(1 + rows * columns, 1 + rows * columns, dtype=torch.float64)
    bias[1:, 1:] = torch.exp(-squares / (2 * sigma**2))
    return bias.float()


def heads(x, count):
    images, tokens, width = x.shape
    return x.reshape(images, tokens, count, width // count).transpose(1, 2)  # [B, heads, T, S]


def mixed_values(block, y, scores, bias):
    query, key, value = F.linear(y, block.attn.in_proj_weight, block.attn.in_proj_bias).chunk(3, dim=-1)
    if not scores:
        return block.attn.out_proj(value)
    count = block.attn.num_heads
    parts = {"q": heads(query, count), "k": heads(key, count)}
    mixing = 0
    for left, right in scores:
        products = parts[left] @ parts[right].transpose(-1, -2) * (parts[left].shape[-1] ** -0.5)
        mixing = mixing + torch.softmax(products if bias is None else products + bias, dim=-1)
    mixed = (mixing @ heads(value, count)).transpose(1, 2).flatten(2)
    return block.attn.out_proj(mixed)


def dense_features(visual, pictures, scores, is_full, sigma):
    tokens, (rows, columns) = reference.embed(visual, pictures)
    blocks = list(visual.transformer.resblocks)
    for block in blocks[:-1]:
        tokens = block(tokens)
    last = blocks[-1]
    bias = None if sigma is None else neighbourhood(rows, columns, sigma)
    branch = last.ls_1(mixed_values(last, last.ln_1(tokens), scores, bias))
    if is_full:
        tokens = tokens + branch
        tokens = tokens + last.ls_2(last.mlp(last.ln_2(tokens)))
    else:
        tokens = branch
    return F.normalize(visual.ln_post(tokens[:, 1:]) @ visual.proj, dim=-1, eps=1e-12)


def last_keys(visual, pictures):
    """The last block's keys of all heads one after another, as they are and through the output projection."""
    tokens, _ = reference.embed(visual, pictures)
    blocks = list(visual.transformer.resblocks)
    for block in blocks[:-1]:
        tokens = block(tokens)
    attention, y = blocks[-1].attn, blocks[-1].ln_1(tokens[:, 1:])
    keys = F.linear(y, attention.in_proj_weight, attention.in_proj_bias).chunk(3, dim=-1)[1]
    return keys, attention.out_proj(keys)


def write_readouts():
    for index, (name, (configuration, size)) in enumerate(MODELS.items()):
        network = reference.model(configuration, seed=700 + index)
        pictures = reference.images(1, *size, seed=710 + index)
        tensors = {**reference.parameters(network), "images": pictures}
        with torch.no_grad():
            for stored, arguments in READOUTS.items():
                tensors[f"features.{stored}"] = dense_features(network.visual, pictures, *arguments)
            tensors["keys"], tensors["projected_keys"] = last_keys(network.visual, pictures)
        reference.save(name, tensors, model=configuration, seed=700 + index)


def bilinear(maps, size):
    return F.interpolate(maps[None], size=size, mode="bilinear", align_corners=False)[0]


def write_resampling():
    """Class maps on a patch grid brought to a picture's size: whole, and averaged over overlapping windows."""
    random = reference.generator(720)
    whole = torch.randn((2, 4, 5), generator=random)
    tensors = {"whole.grid": whole, "whole.picture": bilinear(bilinear(whole, (32, 40))[:, :29, :35], (17, 31))}
    # A view of 29 × 35 pixels, padded by windows of 16 × 16 at steps of 12; the last ones are moved back inside.
    height, width, side, tops, lefts = 29, 35, 16, [0, 12, 13], [0, 12, 19]
    sums, counts = torch.zeros(2, height, width), torch.zeros(1, height, width)
    for row, top in enumerate(tops):
        for column, left in enumerate(lefts):
            grid = torch.randn((2, 2, 2), generator=random)
            tensors[f"windows.grid.{row}.{column}"] = grid
            sums[:, top : top + side, left : left + side] += bilinear(grid, (side, side))
            counts[:, top : top + side, left : left + side] += 1
    tensors["windows.view"] = sums / counts
    tensors["windows.picture"] = bilinear(sums / counts, (20, 41))
    # Pillow's bilinear resize, larger, smaller, and both at once.
    source = torch.randint(0, 256, (23, 31, 3), generator=random, dtype=torch.uint8)
    tensors["pillow.source"] = source
    for width, height in [(64, 40), (9, 7), (50, 11)]:
        resized = Image.fromarray(source.numpy()).resize((width, height), Image.Resampling.BILINEAR)
        tensors[f"pillow.{width}x{height}"] = torch.from_numpy(numpy.array(resized))
    reference.save("resampling", tensors, seed=720)


if __name__ == "__main__":
    write_readouts()
    write_resampling()

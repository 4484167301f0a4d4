"""What the fixture scripts share: reference models in PyTorch and open_clip, and how dumps are written.

Everything is drawn at random: default initialisation leaves biases 0 and norms 1, which hides what is wrong with them.
"""

import json
from pathlib import Path

import torch

# torchvision's wheels expect a CUDA build of torch; on a CPU build two operators must exist before it is imported.
_operators = torch.library.Library("torchvision", "DEF")
for _name in ("nms", "qnms"):
    _operators.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import open_clip  # noqa: E402
import safetensors.torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

FIXTURES = Path(__file__).resolve().parent
# open_clip builds a text tower with every image tower; this one is as small as it allows, and is not dumped.
TEXT = {"context_length": 4, "vocab_size": 8, "width": 8, "heads": 1, "layers": 1}


def generator(seed):
    return torch.Generator().manual_seed(seed)


def randomize(module, seed):
    """Draws every parameter: matrices at unit gain, norms and scales around 1, biases and embeddings around 0."""
    random = generator(seed)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            noise = torch.randn(parameter.shape, generator=random)
            if name.endswith("gamma") or (".ln_" in "." + name and name.endswith("weight")):
                parameter.copy_(1 + 0.3 * noise)
            elif parameter.ndim >= 2 and "embedding" not in name:
                fan_in = parameter.shape[0] if name.endswith("proj") else parameter[0].numel()
                parameter.copy_(noise / fan_in**0.5)
            else:
                parameter.copy_(0.3 * noise)
    return module


def model(configuration, seed):
    """An open_clip model of an open_clip configuration (without text_cfg), its parameters random."""
    built = open_clip.model.CLIP(**configuration, text_cfg=TEXT)
    return randomize(built, seed).eval()


def images(count, height, width, seed):
    return torch.randn((count, 3, height, width), generator=generator(seed))


def resized_positions(positions, native, grid):
    """Class row kept, patch rows resized as `interpolate` does: a = -0.75, no antialias, corners not aligned."""
    if native == grid:
        return positions
    width = positions.shape[1]
    table = positions[1:].reshape(1, *native, width).permute(0, 3, 1, 2)
    table = F.interpolate(table, size=grid, mode="bicubic", align_corners=False, antialias=False)
    return torch.cat([positions[:1], table.permute(0, 2, 3, 1).reshape(-1, width)])


def embed(visual, pictures):
    """Tokens as the first block receives them, for any grid, and the grid."""
    patches = visual.conv1(pictures)  # [B, D, rows, columns]
    grid = tuple(patches.shape[2:])
    tokens = patches.flatten(2).transpose(1, 2)
    head = visual.class_embedding.expand(tokens.shape[0], 1, -1)
    tokens = torch.cat([head, tokens], dim=1)
    tokens = tokens + resized_positions(visual.positional_embedding, visual.grid_size, grid)
    return visual.ln_pre(tokens), grid


def value_path(block, tokens):
    """A block without attention mixing: v = rows 2D...3D of in_proj, then out_proj, residual and MLP."""
    width = tokens.shape[-1]
    weight, bias = block.attn.in_proj_weight[2 * width :], block.attn.in_proj_bias[2 * width :]
    values = block.attn.out_proj(F.linear(block.ln_1(tokens), weight, bias))
    tokens = tokens + block.ls_1(values)
    return tokens + block.ls_2(block.mlp(block.ln_2(tokens)))


def dense_features(visual, pictures):
    """CLIPSelf's dense map: [B, rows * columns, E], every token of unit length; and the grid."""
    tokens, grid = embed(visual, pictures)
    blocks = list(visual.transformer.resblocks)
    for block in blocks[:-1]:
        tokens = block(tokens)
    tokens = value_path(blocks[-1], tokens[:, 1:])
    return F.normalize(visual.ln_post(tokens) @ visual.proj, dim=-1, eps=1e-12), grid


def parameters(network, dtype=torch.float32):
    return {
        f"parameters.{name}": value.detach().to(dtype)
        for name, value in network.state_dict().items()
        if name.startswith("visual.")
    }


def save(name, tensors, **metadata):
    """Writes NAME.safetensors beside this file; versions and arguments go into the metadata."""
    described = {
        "torch": torch.__version__,
        "open_clip": open_clip.__version__,
        **{key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()},
    }
    path = FIXTURES / f"{name}.safetensors"
    contiguous = {key: value.detach().contiguous() for key, value in tensors.items()}
    safetensors.torch.save_file(contiguous, path, metadata=described)
    path.chmod(0o644)
    print(f"{path.name}: {path.stat().st_size} bytes")

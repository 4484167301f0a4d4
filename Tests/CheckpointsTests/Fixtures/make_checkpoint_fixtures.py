"""Writes the fixtures beside this script: what safetensors, torch, open_clip and transformers say.

    python make_checkpoint_fixtures.py

Needs open_clip_torch 3.3, transformers 5.23, torch, safetensors. Weights are random and tiny; nothing is downloaded.
  dtypes.safetensors            every supported element type, special values, and torch's own 16-bit roundings
  mix.safetensors               alpha·student + (1 − alpha)·teacher as torch computes it
  clip_open_clip.safetensors    a two-block CLIP saved from open_clip
  clip_huggingface.safetensors  the same model saved from transformers, after both gave equal features
  clip_layouts.json             keys, shapes, types and SHA-256 of every tensor in each layout and cast
"""

import hashlib
import json
from pathlib import Path

import safetensors
import torch
from safetensors.torch import save_file

# torchvision's compiled operators do not load beside every CPU build of torch, and open_clip imports the package
# without needing them; declaring the two names keeps that import going.
try:
    import torchvision  # noqa: F401
except RuntimeError:
    stub = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        stub.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import open_clip
import transformers
from open_clip.model import CLIP, CustomTextCLIP, convert_to_custom_text_state_dict

HERE = Path(__file__).parent
SEED = 20240310
EMBED, IMAGE, PATCH, CONTEXT, VOCABULARY = 10, 8, 4, 6, 12
VISION = dict(image_size=IMAGE, patch_size=PATCH, width=16, head_width=8, layers=2, mlp_ratio=2.0)
TEXT = dict(context_length=CONTEXT, vocab_size=VOCABULARY, width=12, heads=2, layers=2, mlp_ratio=2.0)


def make_dtypes():
    special = [0.0, -0.0, 1.0, -1.0, 65504.0, 65519.996, 65520.0, 65536.0, -1e30, 1e30, float("inf"), float("-inf")]
    special += [2.0**-14, 2.0**-15, 2.0**-24, 2.0**-25, -(2.0**-25), 2.0**-25 * 1.0000001, 1.5 * 2.0**-24, 2.0**-26]
    special += [2.0**-126, 2.0**-149, 1e-40, 3.3895314e38, 3.3961775e38, 3.4028235e38, 1 + 2.0**-11, 1 + 3 * 2.0**-11]
    special += [1 + 2.0**-8, 1 + 3 * 2.0**-8, 2.0**-14 * (1 - 2.0**-12), 2.0**-14 * (1 - 2.0**-11)]
    bits = torch.randint(-(2**31), 2**31, (3000,), dtype=torch.int64).to(torch.int32)
    random = bits.view(torch.float32)
    random = random[~torch.isnan(random)]
    half_range = torch.randn(1000) * torch.exp2(torch.randint(-26, 17, (1000,)).float())
    source = torch.cat([torch.tensor(special), random, half_range])
    tensors = {
        "f64": torch.tensor([0.1, -2.5, float("inf"), 2.0**-1074], dtype=torch.float64),
        "f32": torch.tensor([[1.5, -0.0, float("-inf")], [2.0**-149, 3.4028235e38, 0.1]]),
        "f16": torch.tensor([1.5, 65504.0, 2.0**-24, float("inf")], dtype=torch.float16),
        "bf16": torch.tensor([1.5, 3.3895314e38, 2.0**-133, float("-inf")], dtype=torch.bfloat16),
        "i64": torch.tensor([2**62, -1, 16777217], dtype=torch.int64),
        "i32": torch.tensor([[-(2**31)], [7]], dtype=torch.int32),
        "i16": torch.tensor([-32768, 32767], dtype=torch.int16),
        "i8": torch.tensor([-128, 127, 0], dtype=torch.int8),
        "u8": torch.tensor([0, 255, 7], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(4.6052),
        "empty": torch.zeros(0, 3),
        'quoted "\\ naïve\n': torch.tensor([1.0]),
        "rounding.source": source,
        "rounding.float16": source.to(torch.float16),
        "rounding.bfloat16": source.to(torch.bfloat16),
    }
    save_file(tensors, HERE / "dtypes.safetensors", metadata={"format": "pt"})


def make_mix():
    student, teacher = torch.randn(512), torch.randn(512)
    student[:4] = torch.tensor([1e-40, 3e38, -3e38, 0.0])
    tensors = {"student": student, "teacher": teacher}
    for alpha in (0.0, 0.3, 0.7, 0.95, 1.0):
        tensors[f"alpha_{alpha}"] = alpha * student + (1 - alpha) * teacher
    save_file(tensors, HERE / "mix.safetensors", metadata={"format": "pt"})


def to_transformers(native):
    """Copies module by module, as one would by hand: deliberately not a table of keys."""
    common = dict(hidden_act="quick_gelu", num_hidden_layers=2, num_attention_heads=2, projection_dim=EMBED)
    end = VOCABULARY - 1
    text = dict(common, hidden_size=12, intermediate_size=24, max_position_embeddings=CONTEXT, vocab_size=VOCABULARY)
    text |= dict(eos_token_id=end, bos_token_id=end - 1, pad_token_id=0)
    vision = dict(common, hidden_size=16, intermediate_size=32, image_size=IMAGE, patch_size=PATCH)
    config = transformers.CLIPConfig(projection_dim=EMBED, vision_config=vision, text_config=text)
    model = transformers.CLIPModel(config)

    def copy(layer, source):
        layer.weight.copy_(source.weight)
        if source.bias is not None:
            layer.bias.copy_(source.bias)

    def copy_blocks(layers, blocks):
        for layer, block in zip(layers, blocks, strict=True):
            attention = layer.self_attn
            for index, part in enumerate((attention.q_proj, attention.k_proj, attention.v_proj)):
                part.weight.copy_(block.attn.in_proj_weight.chunk(3)[index])
                part.bias.copy_(block.attn.in_proj_bias.chunk(3)[index])
            copy(attention.out_proj, block.attn.out_proj)
            copy(layer.layer_norm1, block.ln_1)
            copy(layer.layer_norm2, block.ln_2)
            copy(layer.mlp.fc1, block.mlp.c_fc)
            copy(layer.mlp.fc2, block.mlp.c_proj)

    with torch.no_grad():
        model.logit_scale.copy_(native.logit_scale)
        model.visual_projection.weight.copy_(native.visual.proj.T)
        model.text_projection.weight.copy_(native.text_projection.T)
        vision, text = model.vision_model, model.text_model
        vision.embeddings.class_embedding.copy_(native.visual.class_embedding)
        vision.embeddings.position_embedding.weight.copy_(native.visual.positional_embedding)
        vision.embeddings.patch_embedding.weight.copy_(native.visual.conv1.weight)
        copy(vision.pre_layrnorm, native.visual.ln_pre)
        copy(vision.post_layernorm, native.visual.ln_post)
        copy_blocks(vision.encoder.layers, native.visual.transformer.resblocks)
        text.embeddings.position_embedding.weight.copy_(native.positional_embedding)
        text.embeddings.token_embedding.weight.copy_(native.token_embedding.weight)
        copy(text.final_layer_norm, native.ln_final)
        copy_blocks(text.encoder.layers, native.transformer.resblocks)
    return model


def features(output):
    return output if isinstance(output, torch.Tensor) else output.pooler_output


def check_equal_features(native, foreign):
    images = torch.randn(3, 3, IMAGE, IMAGE)
    tokens = torch.randint(1, VOCABULARY - 2, (3, CONTEXT))
    tokens[:, 0], tokens[:, -1] = VOCABULARY - 2, VOCABULARY - 1
    with torch.no_grad():
        pairs = [
            (native.encode_image(images), features(foreign.get_image_features(pixel_values=images))),
            (native.encode_text(tokens), features(foreign.get_text_features(input_ids=tokens))),
        ]
    for left, right in pairs:
        assert torch.allclose(left, right, atol=1e-5), (left - right).abs().max()


def listing(tensors):
    def entry(tensor):
        data = tensor.contiguous().reshape(-1).view(torch.uint8) if tensor.numel() else torch.zeros(0)
        names = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}
        digest = hashlib.sha256(data.numpy().tobytes()).hexdigest()
        return {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "sha256": digest}

    return {key: entry(tensor) for key, tensor in sorted(tensors.items())}


def make_layouts():
    native = CLIP(embed_dim=EMBED, vision_cfg=VISION, text_cfg=TEXT, quick_gelu=True).eval()
    with torch.no_grad():
        for parameter in native.parameters():  # biases and norms start constant; random values expose swaps
            parameter.add_(torch.randn_like(parameter) * 0.05)
    foreign = to_transformers(native).eval()
    check_equal_features(native, foreign)

    plain = {key: value.contiguous() for key, value in native.state_dict().items()}
    hugging_face = {key: value.contiguous() for key, value in foreign.state_dict().items()}
    custom = convert_to_custom_text_state_dict(dict(plain))
    CustomTextCLIP(embed_dim=EMBED, vision_cfg=VISION, text_cfg=TEXT, quick_gelu=True).load_state_dict(custom)
    scalars = dict(input_resolution=IMAGE, context_length=CONTEXT, vocab_size=VOCABULARY)
    openai = plain | {key: torch.tensor(value) for key, value in scalars.items()}

    save_file(plain, HERE / "clip_open_clip.safetensors", metadata={"format": "pt"})
    save_file(hugging_face, HERE / "clip_huggingface.safetensors", metadata={"format": "pt"})
    listings = {
        "made_with": {
            "seed": SEED,
            "torch": torch.__version__,
            "open_clip": open_clip.__version__,
            "transformers": transformers.__version__,
            "safetensors": safetensors.__version__,
        },
        "layouts": {
            "open_clip": listing(plain),
            "open_clip_custom_text": listing(custom),
            "huggingface": listing(hugging_face),
            "openai": listing(openai),
        },
        "casts": {
            "F16": listing({key: value.to(torch.float16) for key, value in plain.items()}),
            "BF16": listing({key: value.to(torch.bfloat16) for key, value in plain.items()}),
        },
    }
    (HERE / "clip_layouts.json").write_text(json.dumps(listings, indent=1) + "\n")


if __name__ == "__main__":
    torch.manual_seed(SEED)
    make_dtypes()
    make_mix()
    make_layouts()
    for path in sorted(HERE.glob("*.safetensors")) + [HERE / "clip_layouts.json"]:
        print(f"{path.name}: {path.stat().st_size} bytes")

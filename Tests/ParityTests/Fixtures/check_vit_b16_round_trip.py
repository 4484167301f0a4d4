"""Converts a ViT-B/16 of real size with the `stillhouse` binary and holds the results against the libraries.

    swift build -c release
    python check_vit_b16_round_trip.py --stillhouse .build/release/stillhouse

Needs open_clip_torch 3.3, transformers 5.23, torch, safetensors, some 5 GB of temporary space and 6 GB of memory.
Weights are random (seeded); nothing is downloaded. It calls

    stillhouse weights convert IN OUT --layout open_clip|open_clip_custom_text|huggingface|openai [--dtype fp32|fp16|bf16]
    stillhouse encode text TEXT... --model ViT-B-16 --weights W -o OUT

and prints one line for each check, `ok` or `FAILED` first, then what was compared:
    ok      open_clip -> huggingface -> open_clip: 302 of 302 tensors bit-identical
    ok      transformers loads the 398 tensors strictly; features differ by at most ...
    ...
It exits 0 when all are ok, 1 when one failed.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

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

SEED = 20240310
TEXTS = ["a photo of a cat", "An ÉCLAIR &amp;amp; coffee, “served”", "日本の猫", "!", "tiger " * 200]
failures = 0


def check(is_good, message):
    global failures
    failures += not is_good
    print(f"{'ok' if is_good else 'FAILED':7} {message}", flush=True)


def compare(message, expected, found):
    def is_same(key):
        left, right = expected[key], found[key]
        is_alike = left.dtype == right.dtype and left.shape == right.shape
        return is_alike and left.contiguous().numpy().tobytes() == right.contiguous().numpy().tobytes()

    same = sum(key in found and is_same(key) for key in expected)
    is_good = same == len(expected) == len(found)
    check(is_good, f"{message}: {same} of {len(expected)} tensors bit-identical")


def features(output):
    return output if isinstance(output, torch.Tensor) else output.pooler_output


def make_models():
    torch.manual_seed(SEED)
    native = open_clip.create_model("ViT-B-16", pretrained=None).eval()
    with torch.no_grad():
        for parameter in native.parameters():  # biases and norms start constant; random values expose swaps
            parameter.add_(torch.randn_like(parameter) * 0.01)
    # The sizes of transformers' default text configuration are CLIP's; LAION's weights want the exact GELU.
    vision = dict(patch_size=16, hidden_act="gelu")
    text = dict(hidden_act="gelu", eos_token_id=49407, bos_token_id=49406, pad_token_id=1)
    config = transformers.CLIPConfig(projection_dim=512, vision_config=vision, text_config=text)
    return native, transformers.CLIPModel(config).eval()


def greatest_feature_difference(native, foreign):
    images = torch.randn(2, 3, 224, 224)
    tokens = torch.randint(1, 49000, (2, 77))
    tokens[:, 0], tokens[:, -1] = 49406, 49407
    with torch.no_grad():
        pairs = [
            (native.encode_image(images), features(foreign.get_image_features(pixel_values=images))),
            (native.encode_text(tokens), features(foreign.get_text_features(input_ids=tokens))),
        ]
    return max((left - right).abs().max().item() for left, right in pairs)


def check_texts(message, stillhouse, folder, weights, native, foreign):
    """The binary's vectors of some texts against both libraries', by open_clip's tokens."""
    target = folder / "texts.safetensors"
    arguments = ["--model", "ViT-B-16", "--weights", folder / weights, "-o", target]
    subprocess.run([stillhouse, "encode", "text", *TEXTS, *arguments], check=True, stdout=subprocess.DEVNULL)
    found = load_file(target)["features"]
    tokens = open_clip.get_tokenizer("ViT-B-16")(TEXTS)
    with torch.no_grad():
        expected = [native.encode_text(tokens), features(foreign.get_text_features(input_ids=tokens))]
    differences = [
        (found - torch.nn.functional.normalize(vectors, dim=-1)).abs().max().item() for vectors in expected
    ]
    check(max(differences) < 1e-5, f"{message}: texts' vectors differ by at most {differences[0]:.2e} from open_clip's,"
          f" {differences[1]:.2e} from transformers'")


def run(stillhouse, folder):
    def convert(source, target, layout, dtype=None):
        arguments = [stillhouse, "weights", "convert", folder / source, folder / target, "--layout", layout]
        subprocess.run(arguments + (["--dtype", dtype] if dtype else []), check=True, stdout=subprocess.DEVNULL)
        return load_file(folder / target)

    native, foreign = make_models()
    # Copies, for a state dict shares its memory with the model, which loads other weights below.
    plain = {key: value.clone() for key, value in native.state_dict().items()}
    save_file(plain, folder / "open_clip.safetensors", metadata={"format": "pt"})

    hugging_face = convert("open_clip.safetensors", "hf.safetensors", "huggingface")
    foreign.load_state_dict(hugging_face, strict=True)
    difference = greatest_feature_difference(native, foreign)
    message = f"transformers loads the {len(hugging_face)} tensors strictly; features differ by at most {difference:.2e}"
    check(difference < 1e-4, message)
    check_texts("from open_clip's file", stillhouse, folder, "open_clip.safetensors", native, foreign)
    check_texts("from the Hugging Face one", stillhouse, folder, "hf.safetensors", native, foreign)

    custom = convert("open_clip.safetensors", "custom.safetensors", "open_clip_custom_text")
    open_clip.create_model("ViT-B-16", pretrained=None, force_custom_text=True).load_state_dict(custom, strict=True)
    check(True, "open_clip's CustomTextCLIP loads its layout strictly")
    check_texts("from that layout", stillhouse, folder, "custom.safetensors", native, foreign)
    del custom

    back = convert("hf.safetensors", "back.safetensors", "open_clip")
    compare("open_clip -> huggingface -> open_clip", plain, back)
    del back
    native.load_state_dict(load_file(folder / "back.safetensors"), strict=True)
    check(True, "open_clip loads the result strictly")
    is_same = (folder / "back.safetensors").read_bytes() == (folder / "open_clip.safetensors").read_bytes()
    check(is_same, "the result is byte for byte the file that safetensors wrote")

    # From transformers' own weights, so that neither direction leans on the other.
    for parameter in foreign.parameters():
        parameter.data.mul_(1.5)
    own = {key: value.contiguous() for key, value in foreign.state_dict().items()}
    save_file(own, folder / "hf.safetensors", metadata={"format": "pt"})
    from_own = convert("hf.safetensors", "back.safetensors", "open_clip")
    native.load_state_dict(from_own, strict=True)
    difference = greatest_feature_difference(native, foreign)
    check(difference < 1e-4, f"open_clip loads transformers' weights; features differ by at most {difference:.2e}")
    compare("huggingface -> open_clip -> huggingface", own, convert("back.safetensors", "hf2.safetensors", "huggingface"))
    del own, from_own

    openai = convert("open_clip.safetensors", "openai.safetensors", "openai")
    scalars = {key: int(openai[key]) for key in ("input_resolution", "context_length", "vocab_size")}
    wanted = {"input_resolution": 224, "context_length": 77, "vocab_size": 49408}
    check(scalars == wanted, f"openai's scalars: {scalars}")
    # open_clip has loaded transformers' own weights by now, and the file the ones before.
    native.load_state_dict(plain, strict=True)
    foreign.load_state_dict(hugging_face, strict=True)
    check_texts("from OpenAI's layout", stillhouse, folder, "openai.safetensors", native, foreign)
    compare(
        "open_clip -> openai -> open_clip",
        plain,
        convert("openai.safetensors", "back.safetensors", "open_clip"),
    )
    for name, dtype in (("fp16", torch.float16), ("bf16", torch.bfloat16)):
        cast = convert("open_clip.safetensors", "cast.safetensors", "open_clip", name)
        bits = lambda tensors: {key: value.view(torch.int16) for key, value in tensors.items()}
        compare(f"cast to {name} against torch", bits({k: v.to(dtype) for k, v in plain.items()}), bits(cast))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--stillhouse", required=True, type=lambda path: str(Path(path).resolve()))
    with tempfile.TemporaryDirectory() as folder:
        run(parser.parse_args().stillhouse, Path(folder))
    sys.exit(1 if failures else 0)

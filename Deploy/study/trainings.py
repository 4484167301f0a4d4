"""What is trained, and in which part of the study."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Training:
    """A run of a committed recipe, perhaps with settings laid over it; or a mix of what such a run made."""

    name: str
    recipe: str
    what: str                    # for the tables
    settings: tuple[str, ...] = ()
    start: str | None = None     # a training whose weights this one begins with, or ENCODER; None: random weights
    prompts: bool = False        # whether what is trained are prompts, not a model
    mix: tuple[str, float] | None = None  # nothing is trained: this share of that training, the rest of its start
    model: str = "stillhouse-desk"
    seeds: int = 1               # as many as can be afforded, from 0

    def settings_of(self, seed):
        return self.settings + ((f"seed={seed}",) if seed else ())


@dataclass(frozen=True)
class Part:
    title: str
    claim: str
    trainings: tuple[Training, ...]
    measure: str                 # a function of measures.py
    minutes: int                 # on 2 CPUs, everything of it
    is_offline: bool = True      # whether it starts from nothing that has to be fetched
    beside: tuple[str, ...] = ()  # trainings of other parts that its table shows too
    curve: str | None = None     # what is drawn of its trainings, as `run metrics` calls it


CLIP = "silc-desk"
ENCODER = "encoder"              # the real ViT-S/14 that encoder.py fetches
VIT = "stillhouse-ViT-S-14-desk"
LONG = ("schedule.updates=600", "schedule.warmup_updates=40")
SEEN_TOP1 = "evaluation.seen-drawings.top1"

SILC = Training(CLIP, "silc-desk", "SILC")
CONTRASTIVE = Training("contrastive-desk", "contrastive-desk", "contrastive only, equal updates")


def shortened(share):
    """The schedules of silc-desk and contrastive-desk in a share of their updates."""
    small = f"{{until_update: {round(2000 * share)}, global_size: 32, local_size: 16}}"
    return (f"schedule.updates={round(3600 * share)}", f"schedule.warmup_updates={round(200 * share)}",
            f"data.scenes.difficulty=[[0, 0.0], [{round(1500 * share)}, 1.0]]", f"objective.views.stages=[{small}]")


def negatives(name, what):
    settings = ("schedule.updates=500", "data.scenes.difficulty=[[0, 0.0], [300, 1.0]]", "evaluation.every=100",
                "aggregation.images_per_job=10", "aggregation.jobs_per_step=8", f"objective.negatives={name}")
    return Training(f"negatives-{name}", "contrastive-desk", what, settings)


def on_captions(kind, suffix, what):
    """Both methods in a fifth of the updates, on captions of one kind (`data.scenes.captions`)."""
    settings = shortened(1 / 5) + (f"data.scenes.captions={kind}",)
    return tuple(Training(f"{name}-{suffix}", f"{name}-desk", f"{method}, {what}", settings)
                 for name, method in (("silc", "SILC"), ("contrastive", "contrast alone")))


def clipself(name, what, *settings):
    return Training(f"clipself-{name}", "quickstart", what, settings, start=CLIP, seeds=2)


def mixed(name, of, share, **others):
    return Training(f"{name}-mix-{share}", "quickstart", f"{share:.0%} student", mix=(of, share), **others)


def prompts(name, what, *settings, seeds=1):
    return Training(f"prompts-{name}", "mvpseg-desk", what, settings, start="clipself-grid-3", prompts=True, seeds=seeds)


def vit_clipself(name, what, *settings):
    return Training(name, "quickstart", what,
                    (f"model={VIT}", "objective.student_size=126", "data.scenes.size=126", "schedule.updates=200",
                     "schedule.learning_rate=2.0e-4", "evaluation.class_embeddings=null") + settings,
                    start="vit-clip", model=VIT)


def vit_prompts(name, what, *settings):
    return Training(f"vit-prompts-{name}", "mvpseg-desk", what,
                    (f"model={VIT}", "objective.view_size=98", "objective.initial_scale=16", "data.scenes.size=98")
                    + settings,
                    start="vit-clipself", prompts=True, model=VIT)


PARTS = {
    "clip": Part(
        "A small CLIP by SILC",
        "contrast and self-distillation together train towers from random weights; it is the CLIP that ships",
        (SILC,),
        "clip",
        80,
        curve=SEEN_TOP1,
    ),
    "contrast": Part(
        "SILC against contrast alone",
        "self-distillation leaves zero-shot classification as good, and makes dense features better (SILC, tables 1 and 3)",
        (CONTRASTIVE,),
        "clip",
        60,
        beside=(CLIP,),
        curve="terms.contrastive",
    ),
    "compute": Part(
        "SILC against contrast alone at half the updates",
        "between this and equal updates lies equal compute, as an update of SILC costs 1.4 times as much (ours)",
        (Training("silc-half", "silc-desk", "SILC, half the updates", shortened(1 / 2)),),
        "clip",
        40,
        beside=("contrastive-desk",),
        curve="terms.contrastive",
    ),
    "captions": Part(
        "SILC against contrast alone where captions name one object of several",
        "self-distillation adds what captions leave unsaid (our reading of SILC, where captions are of the web)",
        on_captions("main", "one-named", "one object named"),
        "clip",
        30,
        curve="terms.contrastive",
    ),
    "captions-full": Part(
        "The same where captions name every object",
        "self-distillation adds less where captions leave nothing unsaid: the control of the part before (ours)",
        on_captions("all", "all-named", "all objects named") + (
            # By the fleet's clock an update of SILC costs 1.38 times one of contrast alone: 934 s for 720 against 675.
            Training("silc-all-named-equal", "silc-desk", "SILC, all objects named, equal compute",
                     shortened(520 / 3600) + ("data.scenes.captions=all",)),
        ),
        "clip",
        45,
        curve="terms.contrastive",
    ),
    "negatives": Part(
        "Negatives of a job against negatives of the whole update",
        "at equal updates of 80 pictures, 79 negatives teach more than the 9 of a job (two phases, exact)",
        (
            negatives("global", "80 pairs compared"),
            negatives("job", "10 pairs compared"),
        ),
        "clip",
        25,
        curve=SEEN_TOP1,
    ),
    "clipself": Part(
        "CLIPSelf on the small CLIP",
        "dense features come to name regions as crops do, without labels; patches do as well as proposals "
        "(CLIPSelf, tables 1 and 2)",
        (
            clipself("grid-2", "patches, at most 2 rows", "objective.grid_limit=2"),
            clipself("grid-3", "patches, at most 3 rows", "objective.grid_limit=3"),
            clipself("patches", "patches, at most 6 rows", "objective.grid_limit=6"),
            clipself("proposals", "proposals", "objective.regions=proposals", "objective.crop_scale=1.5"),
        ),
        "regions",
        40,
        curve="terms.cosine_distance",
    ),
    "mix": Part(
        "CLIPSelf mixed with the weights that it began with",
        "a mean of both keeps whole pictures and most of what regions have gained (CLIPSelf's ensemble of weights)",
        tuple(mixed("clipself", "clipself-grid-3", share, start=CLIP) for share in (0.3, 0.5, 0.7)),
        "regions",
        5,
    ),
    "base": Part(
        "What CLIPSelf makes of the baseline without self-distillation",
        "features that SILC made better are the better ones to distil from (ours)",
        (
            Training("clipself-contrastive", "quickstart", "CLIPSelf on the contrastive baseline",
                     ("objective.grid_limit=3",), start="contrastive-desk"),
        ),
        "regions",
        5,
    ),
    "combined": Part(
        "SILC and CLIPSelf in one run",
        "the contrastive term keeps whole pictures while regions learn (ours; neither paper says it)",
        (Training("combined", "silc-clipself-desk", "SILC + CLIPSelf in one run", start=CLIP),),
        "regions",
        10,
    ),
    "encoder": Part(
        "A CLIP of a real encoder: words for a ViT-S/14",
        "a text tower learns to fit a frozen encoder that saw 142 million photographs (LiT)",
        (Training("vit-clip", "clip-vit-s-14-desk", "ViT-S/14, words fitted", start=ENCODER, model=VIT),),
        "regions",
        50,
        is_offline=False,
        curve=SEEN_TOP1,
    ),
    "encoder-clipself": Part(
        "CLIPSelf on the real encoder",
        "the same as on the small CLIP, from an encoder whose crops are named well",
        (
            vit_clipself("vit-clipself", "patches, at most 3 rows", "objective.grid_limit=3"),
            vit_clipself("vit-clipself-proposals", "proposals", "objective.regions=proposals", "objective.crop_scale=1.5"),
            *(mixed("vit-clipself", "vit-clipself", share, start="vit-clip", model=VIT) for share in (0.3, 0.5)),
        ),
        "regions",
        55,
        is_offline=False,
        beside=("vit-clip",),
        curve="terms.cosine_distance",
    ),
    "mvpseg": Part(
        "MVP-SEG on the small CLIP after CLIPSelf",
        "MaskCLIP < one learned prompt < three on unseen classes; orthogonality and gate help each (MVP-SEG, ablations)",
        (
            prompts("one", "one prompt, no gate", "objective.prompts=1", "objective.gate=false", seeds=2),
            prompts("one-gate", "one prompt and the gate", "objective.prompts=1", seeds=2),
            prompts("three", "three prompts (MVP-SEG)", seeds=2),
            prompts("three-no-oc", "without orthogonality", "objective.orthogonality_weight=0", seeds=2),
            prompts("three-no-gate", "without the gate", "objective.gate=false", seeds=2),
            # Transductive: it is told the names of the unseen classes, never their labels.
            Training("student", "mvpseg-plus-desk", "MVP-SEG+ (transductive)", ("objective.parent=prompts-three",),
                     start="clipself-grid-3", prompts=True, seeds=2),
        ),
        "prompts",
        25,
        curve="terms.segmentation",
    ),
    "mvpseg-before": Part(
        "MVP-SEG on the small CLIP before CLIPSelf",
        "prompts and a student of them gain something even from patches that hardly name what they show (ours)",
        (
            Training("prompts-before", "mvpseg-desk", "three prompts (MVP-SEG)", start=CLIP, prompts=True),
            Training("student-before", "mvpseg-plus-desk", "MVP-SEG+ (transductive)",
                     ("objective.parent=prompts-before",), start=CLIP, prompts=True),
        ),
        "prompts",
        6,
        curve="terms.segmentation",
    ),
    "prompts": Part(
        "Why three prompts are no better than one here",
        "if it were for want of updates or for too strong an orthogonality, more or less of it would help (ours)",
        (
            prompts("one-long", "one prompt and the gate, twice the updates", "objective.prompts=1", *LONG),
            prompts("three-long", "three prompts, twice the updates", *LONG),
            prompts("three-weak-oc", "three prompts, orthogonality of 0.1", "objective.orthogonality_weight=0.1"),
        ),
        "prompts",
        10,
        beside=("prompts-one-gate", "prompts-three", "prompts-three-no-oc"),
        curve="terms.segmentation",
    ),
    "encoder-mvpseg": Part(
        "MVP-SEG on the real encoder after CLIPSelf",
        "the same ablation where there is more to tell prompts apart by",
        (
            vit_prompts("one", "one prompt, no gate", "objective.prompts=1", "objective.gate=false"),
            vit_prompts("three", "three prompts (MVP-SEG)"),
            vit_prompts("three-no-oc", "without orthogonality", "objective.orthogonality_weight=0"),
        ),
        "prompts",
        30,
        is_offline=False,
        curve="terms.segmentation",
    ),
}

# What is kept of the metrics of a training, for curves.
METRICS = {
    "silc-desk": ("terms.contrastive", SEEN_TOP1),
    "contrastive-desk": ("terms.contrastive", SEEN_TOP1),
    "clip-vit-s-14-desk": ("terms.contrastive", SEEN_TOP1),
    "quickstart": ("terms.cosine_distance",),
    "silc-clipself-desk": ("terms.contrastive",),
    "mvpseg-desk": ("terms.segmentation", "context_cosine_mean", "terms.gate_present", "terms.gate_absent"),
    "mvpseg-plus-desk": ("loss",),
}

# Laid over every training by --smoke: it goes the same way, and what comes out means nothing.
SMOKE = {
    "silc-desk": ("schedule.updates=6", "schedule.warmup_updates=2", "evaluation.every=0", "evaluation.sets=[]"),
    "contrastive-desk": ("schedule.updates=6", "schedule.warmup_updates=2", "evaluation.every=0", "evaluation.sets=[]"),
    "quickstart": ("schedule.updates=4", "schedule.warmup_updates=1"),
    "silc-clipself-desk": ("schedule.updates=3", "schedule.warmup_updates=1"),
    "mvpseg-desk": ("schedule.updates=4", "schedule.warmup_updates=1"),
    "mvpseg-plus-desk": ("schedule.updates=4", "schedule.warmup_updates=1"),
}

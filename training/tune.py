"""Tries steps and learning rates of one type of repair on one recipe and prints its development curves.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/tune.py magnitude-mild single --rates 0.005 0.02 --steps 400

Nothing is kept: what was chosen stands in train_repair.SETTINGS.
"""

import argparse
import tempfile
from pathlib import Path

import torch

from evaluate import exact_match
from experiment import CHECKPOINT, load_experiment, logits_with, make_variant, recipe_of
from recover import Help
from train_loop import Settings
from train_repair import RepairName, make_jobs, run_job
import train_repair


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("type")
    parser.add_argument("--fold", default="a")
    parser.add_argument("--rates", type=float, nargs="+", required=True)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--dev-every", type=int, default=50)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    experiment = load_experiment(arguments.checkpoint)
    model, _ = make_variant(experiment, recipe_of(arguments.recipe))
    text = f"{arguments.type}-{arguments.fold}"
    name = RepairName.parse(text)
    dev = experiment.dev_items(experiment.fold(name.fold, True))
    for label, plain in (("dense", experiment.dense), ("none", model)):
        print(f"{label} {exact_match(logits_with(plain, Help()), dev).mean():.4f}")
    for rate in arguments.rates:
        settings = Settings(arguments.steps, rate, arguments.dev_every)
        for job in make_jobs(experiment, model, arguments.recipe, name, text):
            with tempfile.TemporaryDirectory() as folder:
                train_repair.STATE = Path(folder)      # nothing to resume, nothing left behind
                run = run_job(experiment, model, job, settings, settings.steps, name.shuffled, arguments.recipe, log=lambda line: None)
            curve = "  ".join(f"{step}:{loss:.2f}:{score:.3f}" for step, loss, score in run["curve"])
            print(f"{job.key} rate {rate}: best {run['score']:.4f} at {run['step']}, {run['secondsPerStep']:.3f} s a step\n    {curve}", flush=True)


if __name__ == "__main__":
    main()

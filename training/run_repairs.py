"""Works through the queue of repairs with worker processes that claim work by lock files; resumes after any stop.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 nohup nice -n 10 /usr/bin/python3 training/run_repairs.py --workers 2 &

A repair is finished when its record lies in training/repairs/; unfinished ones go on from training/.state/. With
`--list` it only prints what is finished and what is left. PyTorch must be linked to a fast BLAS (OpenBLAS): with the
reference BLAS the queue takes twenty times as long, so that case is refused.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path

import torch

from experiment import CHECKPOINT, RECORDS, STATE, TRAINING, load_recipes
from train_repair import is_finished, run_repair

# --- config -----------------------------------------------------------------
MILD_FIRST = ["single-a", "lora-r8-a", "pool-routed-a", "pool-apart-a", "single-b", "lora-r8-b", "pool-routed-b", "pool-apart-b",
              "lora-r1-a", "lora-r1-b", "prefix-a", "prefix-b", "single-shuffled-a", "lora-r8-shuffled-a",
              "single-shuffled-b", "lora-r8-shuffled-b"]
SEVERE = ["single-a", "lora-r8-a", "single-b", "lora-r8-b", "pool-routed-a", "pool-routed-b"]
LOCKS = STATE / "locks"
MIN_GFLOPS = 15
# ----------------------------------------------------------------------------


def queue():
    """(recipe id, repair name), the most telling first."""
    by_severity = lambda severity: [r["id"] for r in load_recipes() if r["severity"] == severity]
    names = {"mild": MILD_FIRST, "severe": SEVERE}
    return [(recipe, name) for severity in ("mild", "severe") for recipe in by_severity(severity) for name in names[severity]]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return True
    except OSError:
        return False


def claim(recipe: str, name: str) -> bool:
    """Takes the lock of a repair; a lock whose process has ended is taken over."""
    LOCKS.mkdir(parents=True, exist_ok=True)
    path = LOCKS / f"{recipe}__{name}"
    try:
        if path.exists() and not alive(int(path.read_text() or 0) or -1):
            path.unlink()
        with open(path, "x") as file:
            file.write(str(os.getpid()))
        return True
    except (FileExistsError, FileNotFoundError):
        return False


def ready(recipe: str, name: str) -> bool:
    """A shuffled twin waits for its true twin."""
    return "-shuffled" not in name or is_finished(recipe, name.replace("-shuffled", ""))


def work() -> None:
    torch.set_num_threads(1)
    failed = set()
    while True:
        left = [job for job in queue() if not is_finished(*job) and job not in failed]
        mine = next((job for job in left if ready(*job) and claim(*job)), None)
        if mine is None:
            if not left:
                return
            time.sleep(20)   # the rest is in other hands or waits for a twin
            continue
        recipe, name = mine
        began = time.time()
        try:
            run_repair(recipe, name, log=lambda text: print(text, flush=True))
            print(f"finished {recipe}/{name} in {time.time() - began:.0f} s", flush=True)
        except Exception:
            traceback.print_exc()
            failed.add(mine)
        (LOCKS / f"{recipe}__{name}").unlink()
        subprocess.run([sys.executable, str(TRAINING / "make_pack.py")], check=False)


def gflops() -> float:
    """Speed of this PyTorch's matrix product on one thread, in 1e9 operations a second."""
    x, w = torch.randn(1024, 128), torch.randn(128, 384)
    x @ w
    began = time.time()
    for _ in range(10):
        x @ w
    return 10 * 2 * 1024 * 128 * 384 / (time.time() - began) / 1e9


def print_list() -> None:
    for recipe, name in queue():
        path = RECORDS / recipe / f"{name}.json"
        runs = json.loads(path.read_text())["runs"] if path.exists() else None
        text = f"finished, {', '.join(str(run['step']) for run in runs)} steps" if runs else "left"
        print(f"{recipe}/{name:24s} {text}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.list:
        return print_list()
    torch.set_num_threads(1)
    if gflops() < MIN_GFLOPS:
        raise SystemExit("this PyTorch's matrix product is slow: put OpenBLAS in its way (LD_LIBRARY_PATH, or install libopenblas0)")
    others = []
    for number in range(1, arguments.workers):
        others.append(subprocess.Popen([sys.executable, __file__, "--workers", "1"]))
        time.sleep(2)
    work()
    for other in others:
        other.wait()


if __name__ == "__main__":
    main()

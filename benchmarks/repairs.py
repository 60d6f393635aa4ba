"""What `tfupsample repair` makes of trained networks of many kinds.

    python -m benchmarks.painters
    python -m benchmarks.repairs

Each network is repaired without data or options, as the command does, and then
judged on inputs that the repair never saw: other latents, or drawn shapes,
where the repair itself drew smooth noise. Beside the measures that the repair
accepts by stand others: the variance of the phases, the distance between the
outputs of two inputs, and how well the network does its task (the sliced
Wasserstein distance of a generator's pictures to drawn ones at the finest
scale, or the PSNR of a reconstruction to the true picture).

What was judged is kept in `runs/repairs`, so that the same command resumes.
"""

import json
import sys
import time

import keras
import numpy as np

from benchmarks import painters, timing
from tfupsample.measures import artifacts
from tfupsample.measures.border import border_deviation
from tfupsample.measures.sliced_wasserstein import sliced_wasserstein_distance
from tfupsample.model_files.atomic import write_json
from tfupsample.repair.choices import CLEAN_DB, FAITHFUL_DB
from tfupsample.repair.repair import repair_model

FOLDER = painters.FOLDER.with_name("repairs")
STATES = ("repaired", "better", "refused", "clean")
_RISE_DB, _SPREAD, _BORDER = 0.5, 0.1, 0.05
_RANGE = 2.0  # black is -1, white 1


def main(names):
    """Judges what is missing of the kinds named, or of all.

    Writes the results of all networks that were judged until now.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names or painters.KINDS:
        for seed in painters.SEEDS:
            path = FOLDER / f"{name}-{seed}.json"
            if painters.path(name, seed).exists() and not path.exists():
                write_json(path, judge(name, seed))
                print(path.stem, line(json.loads(path.read_text())), flush=True)
    rows = judged()
    timing.record("repairs", {"summary": summary(rows), "networks": rows})
    print(json.dumps(summary(rows), indent=1))


def judged():
    """Returns `{network: row}` of all that were judged, in order."""
    paths = [
        FOLDER / f"{name}-{seed}.json"
        for name in painters.KINDS
        for seed in painters.SEEDS
    ]
    return {
        path.stem: json.loads(path.read_text("utf-8"))
        for path in paths
        if path.exists()
    }


def judge(name, seed):
    """Repairs a network; returns what is to be known of it, JSON-able.

    Its first pictures before and after lie beside, for `docs.draw_repairs`.
    """
    kind = painters.KINDS[name]
    keras.utils.set_random_seed(seed)
    model = keras.saving.load_model(painters.path(name, seed), compile=False)
    start = time.perf_counter()
    result = repair_model(model)
    seconds = time.perf_counter() - start
    inputs, truth = unseen(kind)
    before, after = (
        m.predict(inputs, verbose=0) for m in (model, result.model)
    )
    error = np.mean((before.astype("float64") - after) ** 2)
    np.savez(FOLDER / f"{name}-{seed}.npz", before=before[:8], after=after[:8])
    changed = result.method != "none"
    return {
        "about": kind.about,
        "method": result.method,
        "layers": result.layers,
        "accepted": result.accepted,
        "tried": result.tried,
        "steps": result.steps,
        "stopped": result.stopped,
        "moved": result.moved,
        "seconds": round(seconds, 1),
        "psnr_db": _psnr(error) if changed else None,
        "before": measured(before, result.before, kind, truth),
        "after": measured(after, result.before, kind, truth),
    }


def unseen(kind):
    """Inputs that no repair has drawn, and the pictures to compare with."""
    truth = painters.pictures(kind.size, 256, "test", kind.channels)
    rng = np.random.default_rng(4_2_42)
    if kind.task in ("gan", "vae"):
        latents = rng.normal(size=(256, painters.LATENTS))
        return latents.astype("float32"), truth
    return kind.task(truth, rng), truth


def measured(outputs, periods, kind, truth):
    """All measures of the outputs, rounded."""
    deviation = border_deviation(outputs)
    numbers = {
        "border": np.hypot(deviation.mean[0], deviation.spread[0]),
        "spread": outputs.std(axis=0).mean(),
        "apart": np.abs(outputs - np.roll(outputs, 1, axis=0)).mean(),
        "task": _task(outputs, kind, truth),
    }
    return {name: round(float(x), 4) for name, x in numbers.items()} | {
        "periods": {str(p): _scores(outputs, p) for p in periods}
    }


def _scores(outputs, period):
    # Six bins a harmonic keep them apart; the margin is what is left.
    side = min(outputs.shape[1:3])
    margin = min(side // 8, (side - 6 * period) // 2)
    scores = {
        "coherent": artifacts.coherent_score(outputs, period),
        "variance_ratio": artifacts.variance_ratio(outputs, period),
    }
    if margin >= 0:
        prominence = artifacts.peak_prominence(outputs, period, margin)
        scores["prominence_db"] = prominence.mean
    return {name: round(float(x), 4) for name, x in scores.items()}


def _task(outputs, kind, truth):
    if kind.task not in ("gan", "vae"):
        return _psnr(np.mean((outputs - truth) ** 2))
    return sliced_wasserstein_distance(outputs, truth)[kind.size]


def _psnr(error):
    return round(float(10 * np.log10(_RANGE**2 / error)), 2)


def worse(row):
    """Returns what the repair made worse, one name each."""
    before, after = row["before"], row["after"]
    if row["psnr_db"] is None:
        return []
    found = [
        f"period {period}"
        for period, old in before["periods"].items()
        if after["periods"][period].get("prominence_db", 0)
        > old.get("prominence_db", 0) + _RISE_DB
    ]
    for name in ("spread", "apart"):
        if abs(after[name] / before[name] - 1) > _SPREAD:
            found.append(name)
    if after["border"] > before["border"] + _BORDER:
        found.append("border")
    if row["psnr_db"] < FAITHFUL_DB:
        found.append("PSNR")
    return found


def decibels(row, when):
    """Returns `{period: prominence in dB}` before or after the repair."""
    return {
        int(period): scores["prominence_db"]
        for period, scores in row[when]["periods"].items()
        if "prominence_db" in scores
    }


def state(row):
    """Returns which of `STATES` a row is."""
    if not row["accepted"]:
        return "refused"
    if row["method"] == "none":
        return "clean"
    clean = max(decibels(row, "after").values()) <= CLEAN_DB
    return "repaired" if clean else "better"


def summary(rows):
    """Returns how many of the networks came to what."""
    states = [state(row) for row in rows.values()]
    seconds = [row["seconds"] for row in rows.values()]
    psnr = [r["psnr_db"] for r in rows.values() if r["psnr_db"] is not None]
    return {
        "networks": len(rows),
        **{s: states.count(s) for s in STATES if s in states},
        "made_worse": {n: worse(r) for n, r in rows.items() if worse(r)},
        "median_psnr_db": round(float(np.median(psnr)), 1),
        "median_seconds": round(float(np.median(seconds)), 1),
    }


def line(row):
    """Returns a row in a few words."""
    numbers = " ".join(
        f"{p}: {db:.1f} -> {decibels(row, 'after')[p]:.1f} dB,"
        for p, db in decibels(row, "before").items()
    )
    return (
        f"{state(row)} by {row['method']} ({row['steps']} steps), {numbers} "
        f"PSNR {row['psnr_db']}, {row['seconds']} s, worse: {worse(row)}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])

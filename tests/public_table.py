"""The table of public models: one row each, measured in its own process."""

import concurrent.futures
import multiprocessing
import time

import hub_models
import public_examples
from peak_memory import peak_mb

TABLES = {
    "keras.io": public_examples.EXAMPLES,
    "KerasHub": hub_models.MODELS,
}


def row_of(source, name):
    """Inspects a model; the peak is that of a process with TensorFlow."""
    context = multiprocessing.get_context("spawn")
    # Unlike a `Pool`, it says so if the process dies.
    with concurrent.futures.ProcessPoolExecutor(1, context) as pool:
        return pool.submit(_measure, source, name).result()


def _measure(source, name):
    import keras

    from tfupsample.inspection.inspect import inspect_model

    keras.utils.set_random_seed(0)
    public = TABLES[source][name]
    model = public.build()
    start = time.process_time()
    inspection = inspect_model(model)
    seconds = time.process_time() - start
    return {
        "source": source,
        "model": name,
        "paints": inspection.has("paints"),
        "reason": public.reason,
        "processor_seconds": round(seconds, 1),
        "peak_mb": peak_mb(),
        "not_run": inspection.probe.get("skipped", ""),
    }


def lines_of(rows):
    """Returns the table of a page of the documentation."""
    yield "| model | paints | why, by hand | processor, s | peak, MB |"
    yield "|---|---|---|---|---|"
    for row in rows:
        paints = "yes" if row["paints"] else "no"
        yield (
            f"| {row['model']} ({row['source']}) | {paints} | {row['reason']} "
            f"| {row['processor_seconds']} | {row['peak_mb']} |"
        )

"""The experiments of the Distill article, run again and judged.

Odena, Dumoulin and Olah, 2016, "Deconvolution and checkerboard artifacts",
https://doi.org/10.23915/distill.00003. One module an experiment, each with a
function `experiment(settings)` that returns a `findings.Findings`.
"""

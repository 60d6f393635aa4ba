"""Repeats the experiments of the Distill article and tests its claims.

Odena, Dumoulin and Olah, 2016, "Deconvolution and checkerboard artifacts",
https://doi.org/10.23915/distill.00003. There is one module
for each experiment, with a function `experiment(settings)` that returns a
`findings.Findings`.
"""

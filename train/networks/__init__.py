"""Networks that are trained already: loading, writing, copying."""

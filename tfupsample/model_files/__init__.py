"""Opens and writes model files, which are not to be trusted."""

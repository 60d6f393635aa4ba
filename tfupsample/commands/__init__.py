"""The commands of `tfupsample`: each module has `add_arguments` and `run`."""

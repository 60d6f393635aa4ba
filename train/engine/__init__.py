"""What every trainer runs on: settings, run directory, devices, stops."""

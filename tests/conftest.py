"""What all tests have in common."""

import os

from hypothesis import settings

# How fast something is, benchmarks tell; a test is not to fail because a machine is busy.
settings.register_profile("allim", deadline=None, max_examples=50)
settings.register_profile("long", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "allim"))

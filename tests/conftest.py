"""What all tests have in common."""

from hypothesis import settings

# How fast something is, benchmarks tell; a test is not to fail because a machine is busy.
settings.register_profile("allim", deadline=None)
settings.load_profile("allim")

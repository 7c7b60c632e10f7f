"""Settings of the unit tests."""

from hypothesis import settings

# A busy machine is no failure: what is to be fast has a test of its own that says how fast.
settings.register_profile("streamwidget", deadline=None)
settings.load_profile("streamwidget")

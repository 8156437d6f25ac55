"""Property tests here run without a deadline: the first example pays for importing scipy."""

from hypothesis import settings

settings.register_profile("sampling", deadline=None)
settings.load_profile("sampling")

"""Property tests here run without a deadline: the first example pays for importing scipy."""

from hypothesis import settings

settings.register_profile("ranking", deadline=None)
settings.load_profile("ranking")

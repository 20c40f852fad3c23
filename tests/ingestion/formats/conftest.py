"""Property tests have no deadline: how fast the machine is just now says nothing about the readers."""

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

"""What every test shares: property tests draw the same examples in every run, and leave no files."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")

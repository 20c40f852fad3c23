"""All benchmarks with their default sizes, one after the other."""

from benchmarks import inbox, landing

landing.main(standalone_mode=False)
inbox.main(standalone_mode=False)

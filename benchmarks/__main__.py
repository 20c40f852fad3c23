"""All benchmarks of landing and history with their default sizes, one after the other."""

from benchmarks import history, inbox, landing

landing.main(standalone_mode=False)
inbox.main(standalone_mode=False)
history.main(standalone_mode=False)

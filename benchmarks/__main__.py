"""All benchmarks with their default sizes, one after the other."""

from benchmarks import dynamodb, inbox, landing

landing.main(standalone_mode=False)
inbox.main(standalone_mode=False)
dynamodb.main(standalone_mode=False)

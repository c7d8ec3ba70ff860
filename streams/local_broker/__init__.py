"""The Kafka of demo and tests: fetched, started, stopped."""

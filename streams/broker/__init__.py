"""Talking to Kafka: clients, topics, readers without a group, the local broker of demo and tests."""

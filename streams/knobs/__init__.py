"""The settings one by one, by what they are about; streams.settings.Settings has them all."""

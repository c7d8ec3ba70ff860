"""An ad as a clip of six seconds: script, layout, movement, frames, files."""

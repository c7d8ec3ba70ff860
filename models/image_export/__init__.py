"""A text-to-image model of diffusers becomes a folder of graphs that are run without it. Needs the extra
`diffusers`."""

"""An ad as ad servers take it: native, banner, video, AdCOM, search and social."""

"""An advertiser's folder of pictures and clips, read into a library."""

"""The side of whoever shows creatives."""

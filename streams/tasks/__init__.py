"""Background tasks: looked after again and again, ended for certain."""

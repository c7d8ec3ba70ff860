"""One file per `shiftcast` command; each holds a click command or group named `command`."""

"""The shared ground of both tracks: settings, errors, console output, the landing."""

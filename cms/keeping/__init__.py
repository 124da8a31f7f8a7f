"""What keeps an installation's data for the day after: backups, restoring them, and new keys for old rows."""

"""HTTP uploads to servers of the page's own origin or of the administrator's allow-list."""

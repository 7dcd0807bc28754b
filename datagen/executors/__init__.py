"""Where episodes are computed: local processes."""

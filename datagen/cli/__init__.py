"""The `worldsmith` command: one file per subcommand, `app` joins them. stdout carries data, stderr everything else."""

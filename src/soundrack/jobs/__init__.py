"""A job's life: submit, run in a sandboxed child, report progress, settle."""

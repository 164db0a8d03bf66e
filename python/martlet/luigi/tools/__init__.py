"""luigi.tools: ranges of tasks, and looks at what tasks require."""

"""Where the tracks meet: the comparison, stage by stage and question by question."""

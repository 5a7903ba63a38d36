"""Where the runs of a sweep are made: in this process, in several, on Ray, by Slurm; see conf/hydra/launcher."""

"""Where the runs of a sweep are carried out: in this process, in several, on Ray, by Slurm; see conf/hydra/launcher."""

"""Known plants with known answers, for `validate` and `bench`: the one place in the lab that may name a plant."""

"""tandem replay data=PATH [dataset=cmapss|csv] [key=value ...]

Recorded telemetry through the same twin that runs beside a plant: it forecasts, is scored, then learns.

  dataset=cmapss     NASA turbofans FD001; data= the folder with PM_train.csv or train_FD001.txt and so on
  dataset=csv        any table of telemetry; data= the file. How it is read is found out and printed, or said: time=
                     signals=[a,b] asset= failure= tick= missing=allow zone= format= layout=long decimal= skip= units= …
                     (conf/dataset/csv.yaml has them all)
  surrogate= twin= device=    choices, see `tandem list`
  seeds=5 seed=0 threads=1 processes=2 json=FILE
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twin.lab.arguments import quote_paths
from twin.lab.errors import UserError


def main(arguments: Sequence[str]) -> None:
    """Replay a dataset and print its figures."""
    if any(argument in ("-m", "--multirun") for argument in arguments):
        raise UserError("-m: replay takes several seeds by itself: seeds=5")
    from omegaconf import OmegaConf

    from twin.lab.configure.compose import compose
    from twin.lab.record.json_rows import write_rows
    from twin.lab.replay.over_seeds import replay_dataset
    from twin.lab.replay.reading.typed_options import table_options

    composed = OmegaConf.to_container(compose("replay", quote_paths(table_options(arguments))), resolve=True)
    config: dict[str, Any] = composed  # type: ignore[assignment]  # a mapping, not a list
    rows = replay_dataset(config)
    write_rows(config["json"], rows)

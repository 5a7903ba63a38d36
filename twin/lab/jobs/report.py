"""tandem report RUN [json=FILE]

Write RUN/report.html again from the run's tables; works on an interrupted run too.
"""

from __future__ import annotations

from collections.abc import Sequence

from twin.lab.errors import UserError


def main(arguments: Sequence[str]) -> None:
    """Score a run and write its page."""
    runs = [a for a in arguments if not a.startswith("json=")]
    if len(runs) != 1:
        raise UserError("report takes one run directory")
    from twin.lab.core.scores import scores
    from twin.lab.record.json_rows import write_rows
    from twin.lab.record.loading import load
    from twin.lab.report.closing_table import print_run
    from twin.lab.report.report import write_report

    try:
        run = load(runs[0])
    except (OSError, ValueError) as error:
        raise UserError(str(error)) from None
    figures = scores(run)
    write_report(run, figures)
    print_run(run.path, run.kpis, figures)
    for argument in arguments:
        if argument.startswith("json="):
            write_rows(argument.partition("=")[2], [{"name": k, "value": v} for k, v in (run.kpis | figures).items()])

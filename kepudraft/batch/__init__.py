"""Many units at once: planned, drafted on all cores or through one endpoint, journaled, summed up.

    from kepudraft.batch import BatchOptions, run_batch

    progress = run_batch("facts/", "out/")            # offline, all cores
    print(progress.done, progress.failed)
"""

from kepudraft.batch.budget import Price, parse_budget, price_of
from kepudraft.batch.engine import ModelSource
from kepudraft.batch.given import GivenUnit
from kepudraft.batch.inputs import given_units
from kepudraft.batch.limits import Limits
from kepudraft.batch.run import BatchOptions, Progress, run_batch
from kepudraft.batch.unit import DraftOptions, UnitResult

__all__ = [
    "BatchOptions", "DraftOptions", "GivenUnit", "Limits", "ModelSource", "Price", "Progress", "UnitResult", "given_units",
    "parse_budget", "price_of", "run_batch",
]

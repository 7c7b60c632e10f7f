"""Records to canonical events, one file per vocabulary; `open_pipeline` picks framing and format.

Pure: knows neither clients nor clocks.
"""

from .pipeline import (
    FORMATS,
    Pipeline,
    RecordPipeline,
    StageMaker,
    open_pipeline,
    records_pipeline,
)

__all__ = [
    "FORMATS",
    "Pipeline",
    "RecordPipeline",
    "StageMaker",
    "open_pipeline",
    "records_pipeline",
]

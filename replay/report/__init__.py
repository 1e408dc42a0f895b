"""A meeting as one page of HTML: charts, their tables, and what they must not be used for."""

from replay.report.limits import limits_of
from replay.report.page import report_html

__all__ = ["limits_of", "report_html"]

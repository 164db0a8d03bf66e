"""luigi.date_interval"""

from ..parameters.interval import Custom, Date, DateInterval, Month, Week, Year

__all__ = ["Custom", "Date", "DateInterval", "Month", "Week", "Year"]

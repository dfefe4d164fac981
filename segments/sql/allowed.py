"""What SQL may be made of. Whatever is not named here is refused.

sqlglot gives each function that it knows a class, the others one class and their name.
"""

from __future__ import annotations

import sqlglot.expressions as exp

# The parts of a SELECT and of what stands in it. No table function, nothing that writes,
# no parameter, no lateral, nothing that is a list, a record or JSON.
PARTS = frozenset(
    {
        *(exp.Select, exp.Subquery, exp.With, exp.CTE, exp.TableAlias, exp.Table, exp.From),
        *(exp.Union, exp.Except, exp.Intersect, exp.Join, exp.Where, exp.Group, exp.Having),
        *(exp.Qualify, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Distinct),
        *(exp.Values, exp.Tuple, exp.Alias, exp.Column, exp.Identifier, exp.Star),
        *(exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Neg, exp.Not, exp.And, exp.Or),
        *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ),
        *(exp.Is, exp.In, exp.Between, exp.Like, exp.ILike, exp.SimilarTo, exp.Escape),
        *(exp.Exists, exp.Any, exp.All, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod),
        *(exp.DPipe, exp.Case, exp.If, exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam),
        *(exp.Interval, exp.Var, exp.AtTimeZone, exp.Window, exp.WindowSpec, exp.Filter),
        *(exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.Collate),
    }
)

FUNCTIONS = frozenset(
    {
        # Numbers of many rows
        *(exp.Count, exp.CountIf, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, exp.Mode),
        *(exp.PercentileCont, exp.PercentileDisc, exp.Stddev, exp.StddevSamp, exp.StddevPop),
        *(exp.Variance, exp.VariancePop, exp.ApproxDistinct, exp.ArgMax, exp.ArgMin),
        *(exp.AnyValue, exp.LogicalAnd, exp.LogicalOr),
        # Windows
        *(exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile),
        *(exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue),
        # Text
        *(exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Substring, exp.Left, exp.Right),
        *(exp.Replace, exp.Concat, exp.ConcatWs, exp.StrPosition, exp.StartsWith, exp.EndsWith),
        *(exp.Contains, exp.Reverse, exp.RegexpLike, exp.RegexpReplace, exp.RegexpExtract),
        *(exp.RegexpFullMatch, exp.SplitPart, exp.Initcap, exp.Pad, exp.Translate),
        # Numbers
        *(exp.Abs, exp.Ceil, exp.Floor, exp.Round, exp.Trunc, exp.Sqrt, exp.Pow, exp.Ln),
        *(exp.Log, exp.Exp, exp.Sign, exp.Greatest, exp.Least, exp.IsNan, exp.IsInf),
        # Blanks
        *(exp.Coalesce, exp.Nullif),
        # Dates and times; the now is the count's own
        *(exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp, exp.Extract),
        *(exp.TimestampTrunc, exp.DateTrunc, exp.DateDiff, exp.DateAdd, exp.DateSub),
        *(exp.Year, exp.Quarter, exp.Month, exp.Week, exp.WeekOfYear, exp.Day, exp.DayOfMonth),
        *(exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear, exp.Hour, exp.Minute, exp.Second),
        *(exp.LastDay, exp.Date, exp.DateFromParts, exp.TimestampFromParts, exp.StrToDate),
        *(exp.StrToTime, exp.TimeToStr, exp.TimeToUnix, exp.UnixToTime, exp.TsOrDsToDate),
    }
)

NAMED = frozenset(
    {
        *("now", "today", "age", "date_part", "date_sub", "datesub", "datepart", "isfinite"),
        *("epoch", "epoch_ms", "make_date", "make_timestamp", "make_timestamptz", "btrim"),
        *("prefix", "suffix", "convert_to", "regexp_count", "to_days", "to_months", "to_years"),
    }
)

TYPES = frozenset(
    {
        *(exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.CHAR, exp.DType.BOOLEAN),
        *(exp.DType.TINYINT, exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT),
        *(exp.DType.DECIMAL, exp.DType.FLOAT, exp.DType.DOUBLE, exp.DType.INT128),
        *(exp.DType.DATE, exp.DType.TIME, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ),
        *(exp.DType.TIMESTAMPNTZ,),
        *(exp.DType.INTERVAL,),
    }
)

UNITS = frozenset(
    f"{unit}{end}"
    for unit in (
        *("MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH"),
        *("QUARTER", "YEAR", "DECADE", "CENTURY", "DOW", "DOY", "ISODOW", "ISOYEAR", "EPOCH"),
        *("DAYOFWEEK", "DAYOFYEAR", "WEEKOFYEAR", "YEARWEEK"),
    )
    for end in ("", "S")
)

COLLATIONS = frozenset({"c", "und-x-icu"})

"""Every table in the folders that are given is plain, and the same in all tools."""

import sys
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

PLAIN = {pa.string(), pa.date32(), pa.int32(), pa.int64(), pa.float64(), pa.bool_()}


def check_file(file):
    metadata = pq.read_metadata(file)
    assert metadata.num_row_groups <= 1, "several row groups"
    schema = pq.read_schema(file)
    assert metadata.num_columns == len(schema), "nested columns"
    for field in schema:
        assert field.type in PLAIN, f"{field.name} is {field.type}"
    for group in range(metadata.num_row_groups):
        for at in range(metadata.num_columns):
            column = metadata.row_group(group).column(at)
            name = column.path_in_schema
            assert column.compression == "ZSTD", f"{name}: {column.compression}"
            assert not column.has_dictionary_page, f"{name} has a dictionary"
            assert column.dictionary_page_offset is None, f"{name} has a dictionary"


def rows(columns):
    return list(zip(*columns, strict=True))


def read_by_all(file):
    """The rows of the file as Python values, by tool."""
    arrow = pq.read_table(file)
    names = arrow.column_names
    frame = pd.read_parquet(file, dtype_backend="pyarrow")
    polars = pl.read_parquet(file)
    relation = duckdb.read_parquet(str(file))
    for tool in (list(frame.columns), polars.columns, relation.columns):
        assert tool == names, "columns differ"
    expected = rows(column.to_pylist() for column in arrow.columns)
    missing = [[None if pd.isna(value) else value for value in frame[name]] for name in names]
    return expected, {
        "pandas": rows(missing),
        "Polars": polars.rows(),
        "DuckDB": relation.fetchall(),
    }


def main():
    checked = 0
    for folder in sys.argv[1:]:
        for file in sorted(Path(folder).glob("*.parquet")):
            try:
                check_file(file)
                expected, others = read_by_all(file)
                for tool, found in others.items():
                    assert found == expected, f"{tool} reads other values"
            except AssertionError as error:
                sys.exit(f"{folder}: {file.name}: {error}")
            checked += 1
    print(checked, "tables")
    assert checked, "no table"


main()

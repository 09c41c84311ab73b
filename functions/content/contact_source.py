"""Finds out by its content which format a file of contacts has, and opens it as that."""

from dataclasses import replace

from functions.content import csv_file, gzip_file, ndjson_file, xlsx_file
from functions.content.csv_file import CsvSource
from functions.content.ndjson_file import NdjsonSource
from functions.content.record import OpenFile, RecordSource
from functions.content.text_lines import first_bytes
from functions.content.xlsx_file import XlsxSource
from functions.domain.contact_file import FileFormat, FileKind


def inspect(open_file: OpenFile, *, dotted: bool = False) -> FileFormat:
    """Look at the whole file before any row of it is used. Raises FileProblem.

    ``dotted``: the objects of NDJSON are nested.
    """
    packed = first_bytes(open_file(0), len(gzip_file.MAGIC)) == gzip_file.MAGIC
    unpacked = gzip_file.unpacked(open_file) if packed else open_file
    return replace(_inspect_unpacked(unpacked, dotted=dotted), gzip=packed)


def _inspect_unpacked(open_file: OpenFile, *, dotted: bool) -> FileFormat:
    if first_bytes(open_file(0), len(xlsx_file.MAGIC)) == xlsx_file.MAGIC:
        return xlsx_file.inspect(open_file)
    if ndjson_file.is_ndjson(open_file):
        return ndjson_file.inspect(open_file, dotted=dotted)
    return csv_file.inspect(open_file)


def source_of(open_file: OpenFile, file_format: FileFormat) -> RecordSource:
    """Open a file of this format."""
    unpacked = gzip_file.unpacked(open_file) if file_format.gzip else open_file
    match file_format.kind:
        case FileKind.CSV:
            return CsvSource(open_file=unpacked, file_format=file_format)
        case FileKind.NDJSON:
            return NdjsonSource(open_file=unpacked, file_format=file_format)
        case FileKind.XLSX:
            return XlsxSource(open_file=unpacked)

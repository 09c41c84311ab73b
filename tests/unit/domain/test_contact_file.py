"""The counts of an import."""

from functions.domain.contact_file import FileFault, FileProblem, ImportCounts


def test_counts_of_two_chunks_add_up_code_by_code() -> None:
    first = ImportCounts(rows=3, created=2, rejected=1, problems={"landline": 1, "too_long": 1})
    second = ImportCounts(rows=2, unchanged=1, rejected=1, problems={"landline": 1})

    total = first + second

    assert total == ImportCounts(
        rows=5,
        created=2,
        unchanged=1,
        rejected=2,
        problems={"landline": 2, "too_long": 1},
    )


def test_counts_come_back_from_their_stored_form() -> None:
    counts = ImportCounts(
        rows=9,
        created=1,
        updated=2,
        unchanged=3,
        rejected=3,
        consents_granted=1,
        consents_withdrawn=1,
        problems={"missing_id": 3},
        warnings={"consent_without_date": 1},
    )

    assert ImportCounts(**counts.as_dict()) == counts  # type: ignore[arg-type]


def test_a_file_problem_names_its_columns() -> None:
    problem = FileProblem(FileFault.DUPLICATE_COLUMNS, ["휴대폰", "핸드폰"])

    assert (problem.fault, problem.columns) == ("duplicate_columns", ("휴대폰", "핸드폰"))

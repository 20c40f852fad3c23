"""The lake that the engines share, as tests and benchmarks reach into it."""

from tests.engines.parity.lake import Lake
from tests.engines.parity.legs import MARKS
from tools.athena.engine import Athena
from tools.project import ROOT

pytestmark = MARKS


def test_a_lake_in_a_folder_of_a_bucket_is_that_folder(athena: Athena) -> None:
    address = athena.settings["LANDFALL_LAKE"]
    bucket, folder = address.removeprefix("s3://").split("/")
    lake = Lake(athena.s3, {"LANDFALL_LAKE": address}, ROOT)
    athena.s3.put_object(Bucket=bucket, Key="inbox/books/outside.csv", Body=b"of no lake")
    lake.put("inbox/books/loan.csv", b"id\n1\n")
    assert lake.keys("inbox/books/") == ["inbox/books/loan.csv"]
    stored = athena.s3.get_object(Bucket=bucket, Key=f"{folder}/inbox/books/loan.csv")
    assert lake.read("inbox/books/loan.csv") == stored["Body"].read() == b"id\n1\n"
    lake.delete("inbox/books/loan.csv")
    assert lake.keys("inbox/books/") == []
    athena.s3.delete_object(Bucket=bucket, Key="inbox/books/outside.csv")

"""What the template must always hold to, read off it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ingestion.contract import read_project
from tests.deploy.template import RESOURCES, TEMPLATE, TREE, listed, of_type, statements
from tools.project import ROOT

# actions that know no resource, and the policies of keys, whose resource is the key itself
WITHOUT_RESOURCE = re.compile(r"(lakeformation:\w+|ecr:GetAuthorizationToken)")


@pytest.mark.slow
def test_cfn_lint_has_nothing_to_say() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run([linter, "-t", TEMPLATE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_everything_that_is_kept_is_encrypted_with_the_stacks_key() -> None:
    key = {"Fn::GetAtt": ["Key", "Arn"]}
    (bucket,) = of_type("AWS::S3::Bucket").values()
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": key,
    }
    for workgroup in of_type("AWS::Athena::WorkGroup").values():
        results = workgroup["WorkGroupConfiguration"]["ResultConfiguration"]
        assert results["EncryptionConfiguration"] == {"EncryptionOption": "SSE_KMS", "KmsKey": key}
    for kind, name in {
        "AWS::SecretsManager::Secret": "KmsKeyId",
        "AWS::Logs::LogGroup": "KmsKeyId",
        "AWS::SNS::Topic": "KmsMasterKeyId",
        "AWS::SQS::Queue": "KmsMasterKeyId",
        "AWS::RedshiftServerless::Namespace": "KmsKeyId",
    }.items():
        found = of_type(kind)
        assert found and {one[name] == key for one in found.values()} == {True}, kind
    assert of_type("AWS::KMS::Key")["Key"]["EnableKeyRotation"] is True


def test_nothing_is_reached_without_tls() -> None:
    denied = {
        name
        for name, one in statements()
        if one["Effect"] == "Deny"
        and one["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    assert denied == {"LakePolicy", "AlertsFrom", "UndeliveredFrom"}
    parameters = of_type("AWS::RedshiftServerless::Workgroup")["RedshiftWorkgroup"]
    wanted = {"ParameterKey": "require_ssl", "ParameterValue": "true"}
    assert wanted in parameters["ConfigParameters"]


def test_nothing_is_public() -> None:
    (bucket,) = of_type("AWS::S3::Bucket").values()
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (warehouse,) = of_type("AWS::RedshiftServerless::Workgroup").values()
    assert warehouse["PubliclyAccessible"] is False
    everybody = [
        name
        for name, one in statements()
        if one.get("Principal") == "*" and one["Effect"] != "Deny"
    ]
    assert everybody == []


def test_no_policy_allows_all_actions_or_all_resources() -> None:
    for name, one in statements():
        if one["Effect"] != "Allow" or name == "Key":
            continue
        for action in listed(one["Action"]):
            assert "*" not in action, (name, action)
            if one.get("Resource") == "*":
                assert WITHOUT_RESOURCE.fullmatch(action), (name, action)


def test_what_would_be_lost_with_the_stack_stays() -> None:
    kept = {
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
        "AWS::Logs::LogGroup",
        "AWS::RedshiftServerless::Namespace",
    }
    for name, one in RESOURCES.items():
        policies = (one.get("DeletionPolicy"), one.get("UpdateReplacePolicy"))
        assert policies == (("Retain", "Retain") if one["Type"] in kept else (None, None)), name


def test_everything_has_its_time() -> None:
    assert all(one["RetentionInDays"] for one in of_type("AWS::Logs::LogGroup").values())
    (bucket,) = of_type("AWS::S3::Bucket").values()
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert rules["archive"]["ObjectSizeGreaterThan"] == "0"
    assert rules["archive"]["Transitions"][0]["StorageClass"] == "GLACIER"
    assert TREE["Parameters"]["ArchiveAfterDays"]["Default"] == 365
    assert TREE["Parameters"]["DeleteArchiveAfterDays"]["Default"] == 7 * 365 + 2
    # nothing else of the lake is ever deleted by itself but results of queries
    expiring = {rule.get("Prefix") for rule in rules.values() if "ExpirationInDays" in rule}
    assert expiring == {"archive/", "athena-results/"}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


def test_queries_have_a_limit() -> None:
    for one in of_type("AWS::Athena::WorkGroup").values():
        assert one["WorkGroupConfiguration"]["EnforceWorkGroupConfiguration"] is True
        assert one["WorkGroupConfiguration"]["BytesScannedCutoffPerQuery"]


def test_tasks_run_as_the_image_promises() -> None:
    tasks = of_type("AWS::ECS::TaskDefinition")
    assert set(tasks) == {"LandTask", "RunTask"}
    for task in tasks.values():
        (container,) = task["ContainerDefinitions"]
        assert container["User"] == "10001" and container["ReadonlyRootFilesystem"] is True
        assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
        assert {one["ContainerPath"] for one in container["MountPoints"]} == {"/data", "/tmp"}


def test_no_secret_is_written_in_the_template() -> None:
    assert not re.search(
        r"(?i)password\s*:\s*['\"]?\w{6}|\b[0-9a-f]{32,}\b|AKIA", TEMPLATE.read_text()
    )
    secrets = of_type("AWS::SecretsManager::Secret")
    assert set(secrets) == {"PseudonymKey", "RedshiftPassword"}
    assert all("SecretString" not in secret for secret in secrets.values())
    lengths = {name: one["GenerateSecretString"]["PasswordLength"] for name, one in secrets.items()}
    assert lengths == {"PseudonymKey": 64, "RedshiftPassword": 48}


def test_nobody_reads_through_a_role_of_another() -> None:
    for name, one in statements():
        if one["Action"] == "sts:AssumeRole" and "Service" in one["Principal"]:
            condition = one.get("Condition", {}).get("StringEquals", {})
            assert condition == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}, name


def test_every_schema_of_the_project_has_its_database_and_its_access() -> None:
    databases = {
        one["DatabaseInput"]["Name"]: name for name, one in of_type("AWS::Glue::Database").items()
    }
    sources = {f"raw_{table.source}" for table in read_project(ROOT)}
    sources.add("raw_landfall")
    text = (ROOT / "dbt_project.yml").read_text()
    schemas = set(re.findall(r"\+schema: (\w+)", text))
    assert set(databases) == sources | schemas
    tagged = {
        one["Resource"]["Database"]["Name"]["Ref"]: one["LFTags"][0]["TagValues"][0]
        for one in of_type("AWS::LakeFormation::TagAssociation").values()
    }
    for database, name in databases.items():
        expected = "raw" if database.startswith("raw_") else "internal"
        assert tagged[name] == expected, database


def test_a_reader_is_granted_what_the_parameter_says_and_describes_databases_alone() -> None:
    policies = [
        one["Resource"]["LFTagPolicy"]
        for one in of_type("AWS::LakeFormation::PrincipalPermissions").values()
        if one["Principal"]["DataLakePrincipalIdentifier"] == {"Fn::GetAtt": ["Reader", "Arn"]}
    ]
    granted = {one["ResourceType"]: one["Expression"] for one in policies}
    tag = {"TagKey": {"Ref": "AccessTag"}}
    assert granted == {
        "DATABASE": [tag | {"TagValues": ["internal"]}],
        "TABLE": [tag | {"TagValues": {"Ref": "ReaderValues"}}],
    }


@pytest.mark.parametrize("alias", [yaml.tokens.AliasToken, yaml.tokens.AnchorToken])
def test_no_alias_is_in_it_which_cloudformation_refuses(alias: type) -> None:
    assert not [one for one in yaml.scan(TEMPLATE.read_text()) if isinstance(one, alias)]

"""A command's figures as a line of CloudWatch's embedded metric format: the log driver carries it, no call is made.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import time
from collections.abc import Mapping

NAMESPACE = "Landfall"


def metrics_line(about: Mapping[str, str | int], values: Mapping[str, float]) -> str:
    """One JSON object: metrics of `values` (those named …Seconds are seconds, others counts) by `command`, which
    is one of the properties `about`."""
    metrics = [
        {"Name": name, "Unit": "Seconds" if name.endswith("Seconds") else "Count"}
        for name in values
    ]
    described = {"Namespace": NAMESPACE, "Dimensions": [["command"]], "Metrics": metrics}
    header = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [described]}
    return json.dumps({"_aws": header, **about, **values})

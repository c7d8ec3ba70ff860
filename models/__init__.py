"""What it means: profiles, shifts, matching, copy. Pure numpy and networks; no Kafka, no Faust, no clock."""

import os

# onnxruntime's official builds send telemetry unless this is set before their first import; every use of it
# is below this package.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

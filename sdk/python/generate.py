"""Makes src/mindbot_api from the API's document: it is kept nowhere else, so it cannot be out of date.

    pip install openapi-python-client==0.29.1
    python generate.py && pip wheel --no-deps .
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
#: What is for operators and for the service's own processes.
LEFT_OUT = {"operators", "webhooks", "internal", "service"}


def document() -> dict:
    api = json.loads((HERE / "../../docs/openapi.json").read_text())
    for path, operations in list(api["paths"].items()):
        for method, operation in list(operations.items()):
            if LEFT_OUT.intersection(operation["tags"]):
                del operations[method]
                continue
            # Refusals are raised, and so no part of what a function answers.
            responses = operation["responses"]
            operation["responses"] = {status: answer for status, answer in responses.items() if status.startswith("2")}
        if not operations:
            del api["paths"][path]
    return api


def main() -> None:
    target = HERE / "src" / "mindbot_api"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "openapi.json"
        source.write_text(json.dumps(document()))
        tool = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(source)]
        subprocess.run(
            [*tool, "--meta", "none", "--output-path", str(target), "--overwrite"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    (target / "py.typed").touch()


if __name__ == "__main__":
    main()

"""Python runs this when it starts: where the program is tested as a program, its calls are kept (tests/recorder.py)."""

import os
import sys

if os.environ.get("TESTED_CALLS") and sys.orig_argv[1:3] == ["-m", "auditor"]:
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120 nothing imported
    import recorder

    recorder.run_by_itself()

"""The demonstration's data keep their own promises: `check.py` beside them finds nothing."""

import subprocess
import sys
from pathlib import Path

import cms.demo

DATA = Path(cms.demo.__file__).parent / "data"


def test_the_data_are_as_their_readme_says():
    checked = subprocess.run([sys.executable, DATA / "check.py"], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "problems" not in checked.stdout

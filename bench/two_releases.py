"""`python -m bench.two_releases`: two releases of an app, one over the other, and what is served after the second.

Each release is packed as it is shipped, unpacked by `unzip`, and copied with its times, as CodeDeploy's agent does it.
Python, PHP (with opcache) and nginx each keep something of the first release, and tell by a file's time and size
whether it changed: the changes here are of the same size. Beside it, the same with one time for all files, where the
old code goes on: what tells that the trial can fail. Ends with 1 where old code is served as it is shipped, or new
code there. What is not installed is said to be so.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from auditor.deploy.archive import packed

_OLD: Final = {
    "price.py": "PRICE = 1\n",
    "index.php": "<?php echo 'release 1'; // and a comment\n",
    "page.html": "<p>release 1</p>\n",
}
_NEW: Final = {name: text.replace("1", "2") for name, text in _OLD.items()}
_NGINX: Final = """
daemon off; {user} pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {app}; }}
}}
"""
_OPCACHE: Final = {"enable": 1, "enable_cli": 1, "validate_timestamps": 1, "revalidate_freq": 0}
Answers = Callable[[], Mapping[str, str]]


def _release(files: Mapping[str, str], app: Path, one_time: bool) -> None:
    """Put a release where the one before is, which is removed but for what the app made itself."""
    with tempfile.TemporaryDirectory() as folder:
        source, unpacked = Path(folder, "source"), Path(folder, "unpacked")
        source.mkdir()
        for name, text in {**files, "appspec.yml": "version: 0.0\nos: linux\n"}.items():
            (source / name).write_text(text)
        artifact = packed(source, Path(folder, "bundle.zip"))
        subprocess.run(["unzip", "-qo", artifact.path, "-d", unpacked], check=True)  # noqa: S603, S607
        for name in files:
            (app / name).unlink(missing_ok=True)
            shutil.copy2(unpacked / name, app / name)
            if one_time:
                os.utime(app / name, (315532800, 315532800))


def _get(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[str, Mapping[str, str]]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/{path}", headers=dict(headers or {}))
    for _ in range(100):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 on this machine
                return answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as error:
            return f"{error.code} {error.reason}", {}
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nobody answers on port {port}")


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def _python(app: Path) -> Iterator[Answers]:
    command = [sys.executable, "-c", "import price; print(f'release {price.PRICE}')"]
    environment = {name: one for name, one in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def answers() -> Mapping[str, str]:
        ran = subprocess.run(  # noqa: S603
            command, cwd=app, check=True, capture_output=True, text=True, env={**environment, "PYTHONPATH": str(app)}
        )
        return {"import": ran.stdout.strip()}

    yield answers


@contextmanager
def _php(app: Path) -> Iterator[Answers]:
    port = _port()
    options = [part for name, one in _OPCACHE.items() for part in ("-d", f"opcache.{name}={one}")]
    with _running(["php", *options, "-S", f"127.0.0.1:{port}", "-t", str(app)]):
        yield lambda: {"opcache": _get(port, "index.php")[0]}


@contextmanager
def _nginx(app: Path) -> Iterator[Answers]:
    port, known = _port(), dict[str, str]()
    with tempfile.TemporaryDirectory() as folder:
        user = "user root;" if os.geteuid() == 0 else ""
        configuration = Path(folder, "nginx.conf")
        configuration.write_text(_NGINX.format(folder=folder, port=port, app=app, user=user))

        def answers() -> Mapping[str, str]:
            body, headers = _get(port, "page.html")
            asked = {header: known.get(kept, "none") for header, kept in _ASKED.items()}
            known.update(headers)
            return {"GET": body, **{one: _get(port, "page.html", {one: kept})[0] for one, kept in asked.items()}}

        with _running(["nginx", "-p", folder, "-c", str(configuration)]):
            yield answers


_ASKED: Final = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
_TRIED: Final = {"python": (_python, "price.py"), "php": (_php, "index.php"), "nginx": (_nginx, "page.html")}


def _served(what: str, one_time: bool) -> tuple[list[str], Mapping[str, str]]:
    """The times of both releases' file, and what is answered after the second, by what is asked."""
    serving, name = _TRIED[what]
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder)
        _release(_OLD, app, one_time)
        times = [_time(app / name)]
        with serving(app) as answers:
            answers()
            _release(_NEW, app, one_time)
            return [*times, _time(app / name)], answers()


def _time(path: Path) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(path.stat().st_mtime))


def main() -> int:
    """Each of the three, as it is shipped and with one time for all files."""
    wrong = False
    for one_time in (False, True):
        print("\nOne time for all files:" if one_time else "As it is shipped:")
        for what in _TRIED:
            if what != "python" and not shutil.which(what):
                print(f"  {what}: not installed, not tried")
                continue
            times, answered = _served(what, one_time)
            is_new = {asked: "release 2" in one for asked, one in answered.items()}
            told = (f"{asked} {'new' if is_new[asked] else f'OLD ({one.strip()})'}" for asked, one in answered.items())
            print(f"  {what}: {', '.join(told)}; the file is of {' and then of '.join(times)}")
            wrong |= all(is_new.values()) == one_time
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())

